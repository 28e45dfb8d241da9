// Memory of kernel code: kmalloc() and its like, per-CPU memory, and the way to a program's.
#include <algorithm>
#include <array>
#include <span>
#include <vector>

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
std::uint64_t copy_pieces(const ExportedCall& call, GuestVa users, std::uint64_t size, Copy copy) {
  std::array<std::byte, machine::kGranule> piece{};
  for (std::uint64_t done = 0; done < size;) {
    // As far as a page of the program's goes, which may be the last that is there.
    const std::uint64_t room = piece.size() - (users + done).offset_in(piece.size());
    const auto bytes = std::span(piece).first(std::min(size - done, room));
    if (!call.task.mm || !copy(bytes, done)) return size - done;
    done += bytes.size();
    call.cpu.charge(costs::kCopy + costs::kGranule);
  }
  return 0;
}

// access_ok()
bool is_user_range(const ExportedCall& call, GuestVa address, std::uint64_t size) {
  const std::uint64_t end = call.task.mm ? call.task.mm->layout().task_size.value : 0;
  return size <= end && address.value <= end - size;
}

// The buffer that stands for a program's while a function of a module's file is called.
bool is_stand_in(const ExportedCall& call, GuestVa address, std::uint64_t size) {
  const auto& awaited = call.task.kernel->awaited;
  if (!awaited || awaited->buffer.value == 0 || address < awaited->buffer) return false;
  const std::uint64_t room = call.space().ksize(awaited->buffer);
  const std::uint64_t offset = address - awaited->buffer;
  return offset <= room && size <= room - offset;
}

std::uint64_t copy_in_kernel(const ExportedCall& call, GuestVa to, GuestVa from, std::uint64_t size) {
  return copy_pieces(call, to, size, [&](std::span<std::byte> bytes, std::uint64_t at) {
    return call.space().read(from + at, bytes) && call.space().write(to + at, bytes);
  });
}

std::optional<std::uint64_t> copy_to_user(ExportedCall& call) {
  if (is_stand_in(call, call.address(0), call.argument(2)))
    return copy_in_kernel(call, call.address(0), call.address(1), call.argument(2));
  if (!is_user_range(call, call.address(0), call.argument(2))) return call.argument(2);
  return copy_pieces(call, call.address(0), call.argument(2),
                     [&call](std::span<std::byte> bytes, std::uint64_t at) {
                       return call.space().read(call.address(1) + at, bytes) &&
                              call.task.mm->write(call.address(0) + at, bytes);
                     });
}
std::optional<std::uint64_t> copy_from_user(ExportedCall& call) {
  if (is_stand_in(call, call.address(1), call.argument(2)))
    return copy_in_kernel(call, call.address(0), call.address(1), call.argument(2));
  if (!is_user_range(call, call.address(1), call.argument(2))) return call.argument(2);
  return copy_pieces(call, call.address(1), call.argument(2),
                     [&call](std::span<std::byte> bytes, std::uint64_t at) {
                       return call.task.mm->read(call.address(1) + at, bytes) &&
                              call.space().write(call.address(0) + at, bytes);
                     });
}

using Value = std::optional<std::uint64_t>;

Value clear_user(ExportedCall& call) {
  if (!is_user_range(call, call.address(0), call.argument(1))) return call.argument(1);
  return copy_pieces(call, call.address(0), call.argument(1),
                     [&call](std::span<std::byte> bytes, std::uint64_t at) {
                       std::ranges::fill(bytes, std::byte{0});
                       return call.task.mm->write(call.address(0) + at, bytes);
                     });
}

// Up to the NUL, of at most so many bytes, by a reader of one; its length.
template <class Read>
std::uint64_t copy_string(const ExportedCall& call, std::uint64_t most, Read read) {
  for (std::uint64_t n = 0; n < most; ++n) {
    const std::optional<std::uint64_t> byte = read(n);
    if (!byte) return error_value(EFAULT);
    (void)call.space().write_word(call.address(0) + n, *byte, 1);
    if (*byte == 0) return n;
  }
  return most;
}

// (to, from, bytes)
Value strncpy_from_user(ExportedCall& call) {
  if (!is_user_range(call, call.address(1), 1)) return error_value(EFAULT);
  return copy_string(call, call.argument(2), [&call](std::uint64_t n) {
    const auto byte = call.task.mm->read_word(call.address(1) + n, 1);
    return byte ? std::optional(*byte) : std::nullopt;
  });
}
Value strncpy_from_kernel(ExportedCall& call) {
  return copy_string(call, call.argument(2),
                     [&call](std::uint64_t n) { return call.space().read_word(call.address(1) + n, 1); });
}

// copy_from_kernel_nofault() and copy_to_kernel_nofault(): (to, from, bytes)
Value copy_kernel_nofault(ExportedCall& call) {
  std::vector<std::byte> bytes(std::min<std::uint64_t>(call.argument(2), 1U << 16));
  const bool done = call.space().read(call.address(1), bytes) && call.space().write(call.address(0), bytes);
  return done ? 0 : error_value(EFAULT);
}
Value copy_to_user_nofault(ExportedCall& call) {
  return copy_to_user(call) == std::uint64_t{0} ? 0 : error_value(EFAULT);
}
Value copy_from_user_nofault(ExportedCall& call) {
  return copy_from_user(call) == std::uint64_t{0} ? 0 : error_value(EFAULT);
}

constexpr std::array kMemoryFunctions{
    ExportedEntry{"clear_user", clear_user},
    ExportedEntry{"strncpy_from_user", strncpy_from_user},
    ExportedEntry{"strncpy_from_kernel_nofault", strncpy_from_kernel},
    ExportedEntry{"copy_from_kernel_nofault", copy_kernel_nofault},
    ExportedEntry{"copy_to_kernel_nofault", copy_kernel_nofault},
    ExportedEntry{"copy_to_user_nofault", copy_to_user_nofault},
    ExportedEntry{"copy_from_user_nofault", copy_from_user_nofault},
    ExportedEntry{
        "__virt_addr_valid",
        [](ExportedCall& call) -> Value { return call.space().read_word(call.address(0), 1) ? 1 : 0; }},
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
