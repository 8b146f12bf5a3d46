// Divides by zero in a member of a template, for its name and its line.
namespace app {

template <typename T>
struct Divider {
    T by;
    __attribute__((noinline)) T divide(T value) const { return value / by; }
};

}  // namespace app

extern "C" int run(int by) {
    app::Divider<int> divider{by};
    return divider.divide(7) + 1;
}
