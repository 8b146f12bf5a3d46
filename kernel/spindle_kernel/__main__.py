"""Starts the kernel: `python -m spindle_kernel -f connection.json`, as its kernelspec says."""

from __future__ import annotations

from ipykernel.kernelapp import IPKernelApp


def main() -> None:
    """Serve one notebook."""
    from spindle_kernel.kernel import SpindleKernel

    IPKernelApp.launch_instance(kernel_class=SpindleKernel)


if __name__ == "__main__":
    main()
