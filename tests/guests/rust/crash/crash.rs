//! Stops in several ways, by number; small enough to hold its debug information.
#![no_std]

#[panic_handler]
fn stop(_info: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

pub struct Machine {
    dial: u32,
}

pub trait Runs {
    fn run(&self) -> u32;
}

impl Runs for Machine {
    #[inline(never)]
    fn run(&self) -> u32 {
        match self.dial {
            0 => guarded(self.dial),
            1 => unsafe { core::ptr::read_volatile(0xfff0_0000 as *const u32) },
            2 => deeper(self.dial as u64) as u32,
            other => other,
        }
    }
}

#[inline(always)]
fn guarded(dial: u32) -> u32 {
    let check = |dial: u32| {
        if dial == 0 {
            core::arch::wasm32::unreachable()
        }
        dial
    };
    check(dial)
}

#[inline(never)]
fn deeper(depth: u64) -> u64 {
    let mut below = deeper(depth + 1);
    unsafe { core::ptr::write_volatile(&mut below, depth) }
    below
}

#[unsafe(no_mangle)]
pub extern "C" fn run(dial: u32) -> u32 {
    let machine = Machine { dial };
    machine.run()
}
