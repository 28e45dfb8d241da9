// Memory of kernel code: kmalloc() and its like, per-CPU memory, and the way to a program's.
#include <algorithm>
#include <array>
#include <span>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/exported/exported.hpp"
#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

namespace {

std::uint64_t take(const ExportedCall& call, std::uint64_t bytes) {
  const GuestVa object = call.space().kmalloc(bytes);
  const std::uint64_t cleared = call.space().ksize(object);
  call.cpu.charge(costs::kAllocate + cleared / machine::kGranule * costs::kGranule);
  return object.value;
}

std::optional<std::uint64_t> allocate(ExportedCall& call) { return take(call, call.argument(0)); }

std::optional<std::uint64_t> allocate_array(ExportedCall& call) {
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(call.argument(0), call.argument(1), &bytes)) return 0;
  return take(call, bytes);
}

std::optional<std::uint64_t> give_back(ExportedCall& call) {
  constexpr std::uint64_t kZeroSize = 16;
  if (call.argument(0) > kZeroSize) (void)call.space().kfree(call.address(0));
  return 0;
}

// Between kernel memory and the task's, a piece at a time. How many bytes could not be copied.
template <class Copy>
std::uint64_t copy_pieces(const ExportedCall& call, std::uint64_t size, Copy copy) {
  std::array<std::byte, machine::kGranule> piece{};
  for (std::uint64_t done = 0; done < size; done += piece.size()) {
    const auto bytes = std::span(piece).first(std::min<std::uint64_t>(size - done, piece.size()));
    if (!call.task.mm || !copy(bytes, done)) return size - done;
    call.cpu.charge(costs::kCopy + costs::kGranule);
  }
  return 0;
}

// access_ok()
bool is_user_range(const ExportedCall& call, GuestVa address, std::uint64_t size) {
  const std::uint64_t end = call.task.mm ? call.task.mm->layout().task_size.value : 0;
  return size <= end && address.value <= end - size;
}

std::optional<std::uint64_t> copy_to_user(ExportedCall& call) {
  if (!is_user_range(call, call.address(0), call.argument(2))) return call.argument(2);
  return copy_pieces(call, call.argument(2), [&call](std::span<std::byte> bytes, std::uint64_t at) {
    return call.space().read(call.address(1) + at, bytes) && call.task.mm->write(call.address(0) + at, bytes);
  });
}
std::optional<std::uint64_t> copy_from_user(ExportedCall& call) {
  if (!is_user_range(call, call.address(1), call.argument(2))) return call.argument(2);
  return copy_pieces(call, call.argument(2), [&call](std::span<std::byte> bytes, std::uint64_t at) {
    return call.task.mm->read(call.address(1) + at, bytes) && call.space().write(call.address(0) + at, bytes);
  });
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
    ExportedEntry{"free_percpu",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    call.space().free_percpu(call.address(0));
                    return 0;
                  }},
    ExportedEntry{"copy_to_user", copy_to_user},
    ExportedEntry{"copy_from_user", copy_from_user},
};

}  // namespace

std::span<const ExportedEntry> memory_functions() { return kMemoryFunctions; }

}  // namespace trapline::kernel
