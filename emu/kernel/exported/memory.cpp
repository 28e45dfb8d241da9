// Memory of kernel code: kmalloc() and its like, per-CPU memory, and the way to a program's.
#include <array>
#include <vector>

#include "emu/kernel/exported/exported.hpp"
#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

namespace {

std::optional<std::uint64_t> allocate(ExportedCall& call) {
  return call.space().kmalloc(call.argument(0)).value;
}

std::optional<std::uint64_t> allocate_array(ExportedCall& call) {
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(call.argument(0), call.argument(1), &bytes)) return 0;
  return call.space().kmalloc(bytes).value;
}

std::optional<std::uint64_t> give_back(ExportedCall& call) {
  constexpr std::uint64_t kZeroSize = 16;
  if (call.argument(0) > kZeroSize) (void)call.space().kfree(call.address(0));
  return 0;
}

// How many bytes could not be copied.
std::optional<std::uint64_t> copy_to_user(ExportedCall& call) {
  std::vector<std::byte> bytes(std::min<std::uint64_t>(call.argument(2), 1u << 20));
  if (bytes.size() != call.argument(2) || !call.task.mm || !call.space().read(call.address(1), bytes) ||
      !call.task.mm->write(call.address(0), bytes))
    return call.argument(2);
  return 0;
}
std::optional<std::uint64_t> copy_from_user(ExportedCall& call) {
  std::vector<std::byte> bytes(std::min<std::uint64_t>(call.argument(2), 1u << 20));
  if (bytes.size() != call.argument(2) || !call.task.mm || !call.task.mm->read(call.address(1), bytes) ||
      !call.space().write(call.address(0), bytes))
    return call.argument(2);
  return 0;
}

constexpr std::array kMemoryFunctions{
    ExportedEntry{"kmalloc", allocate},
    ExportedEntry{"kzalloc", allocate},
    ExportedEntry{"vmalloc", allocate},
    ExportedEntry{"vzalloc", allocate},
    ExportedEntry{"kvmalloc", allocate},
    ExportedEntry{"kvzalloc", allocate},
    ExportedEntry{"kcalloc", allocate_array},
    ExportedEntry{"kmalloc_array", allocate_array},
    ExportedEntry{"kfree", give_back},
    ExportedEntry{"vfree", give_back},
    ExportedEntry{"kvfree", give_back},
    ExportedEntry{"ksize",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    return call.space().ksize(call.address(0));
                  }},
    ExportedEntry{"__alloc_percpu",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    return call.space().alloc_percpu(call.argument(0), call.argument(1)).value;
                  }},
    ExportedEntry{"free_percpu", [](ExportedCall&) -> std::optional<std::uint64_t> { return 0; }},
    ExportedEntry{"copy_to_user", copy_to_user},
    ExportedEntry{"copy_from_user", copy_from_user},
};

}  // namespace

std::span<const ExportedEntry> memory_functions() { return kMemoryFunctions; }

}  // namespace trapline::kernel
