// siginfo_t as a guest sees it (include/uapi/asm-generic/siginfo.h): 128 bytes in its byte order, laid out
// alike on both instruction sets. It is kept in that form, so that what a program passes in
// (rt_sigqueueinfo(2), PTRACE_SETSIGINFO) comes out unchanged.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "isa/address.hpp"
#include "isa/byte_order.hpp"
#include "isa/isa.hpp"

namespace trapline::kernel {

class SigInfo {
 public:
  static constexpr std::size_t kSize = 128;

  SigInfo(isa::Isa isa, int signal, int code) : order_(isa::byte_order(isa)) {
    put(0, static_cast<std::uint32_t>(signal), 4);
    put(8, static_cast<std::uint32_t>(code), 4);
  }
  SigInfo(isa::Isa isa, std::span<const std::byte, kSize> bytes) : order_(isa::byte_order(isa)) {
    std::ranges::copy(bytes, bytes_.begin());
  }

  int signal() const { return static_cast<int>(word(0, 4)); }
  int code() const { return static_cast<int>(word(8, 4)); }
  std::span<const std::byte, kSize> bytes() const { return bytes_; }

  // Fields of the union, by their names in siginfo_t.
  SigInfo& pid(int pid) { return put(16, static_cast<std::uint32_t>(pid), 4); }  // si_pid
  SigInfo& uid(unsigned uid) { return put(20, uid, 4); }                         // si_uid
  SigInfo& value(std::uint64_t value) { return put(24, value, 8); }  // si_value, of queued signals and timers
  SigInfo& timer(int id, int overrun) {                              // si_timerid, si_overrun
    put(16, static_cast<std::uint32_t>(id), 4);
    return put(20, static_cast<std::uint32_t>(overrun), 4);
  }
  SigInfo& address(isa::GuestVa address) { return put(16, address.value, 8); }  // si_addr
  SigInfo& child(int pid, unsigned uid, int status, std::uint64_t utime, std::uint64_t stime) {
    this->pid(pid).uid(uid);
    put(24, static_cast<std::uint32_t>(status), 4);  // si_status
    put(32, utime, 8);                               // in clock ticks
    return put(40, stime, 8);
  }
  SigInfo& file(std::uint64_t band, int fd) {  // si_band, si_fd
    put(16, band, 8);
    return put(24, static_cast<std::uint32_t>(fd), 4);
  }
  SigInfo& sys(isa::GuestVa address, std::uint64_t number, std::uint32_t architecture) {
    this->address(address);           // si_call_addr
    put(24, number & 0xffffffff, 4);  // si_syscall
    return put(28, architecture, 4);  // si_arch: AUDIT_ARCH_*
  }
  SigInfo& perf(isa::GuestVa address, std::uint64_t data, std::uint32_t type, bool asynchronous) {
    this->address(address);
    put(24, data, 8);                         // si_perf_data
    put(32, type, 4);                         // si_perf_type
    return put(36, asynchronous ? 1 : 0, 4);  // si_perf_flags: TRAP_PERF_FLAG_ASYNC
  }
  isa::GuestVa address() const { return isa::GuestVa(word(16, 8)); }  // of an exception of the processor
  int timer_id() const { return static_cast<int>(word(16, 4)); }

 private:
  std::uint64_t word(std::size_t at, std::size_t size) const {
    return isa::load_word(std::span(bytes_).subspan(at, size), order_);
  }
  SigInfo& put(std::size_t at, std::uint64_t value, std::size_t size) {
    isa::store_word(std::span(bytes_).subspan(at, size), value, order_);
    return *this;
  }

  std::endian order_;
  std::array<std::byte, kSize> bytes_{};
};

}  // namespace trapline::kernel
