#include "tools/silicon/native.hpp"

#if defined(__x86_64__) && defined(__linux__)

#include <cpuid.h>
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>
#include <vector>

#include "debugunit/x86/debug_registers.hpp"
#include "tools/silicon/arena.hpp"

namespace trapline::tools::silicon {

namespace {

constexpr unsigned kDr6 = 6;
constexpr unsigned kDr7 = 7;
constexpr std::uint64_t kSlots = (1u << kBreakpoints) - 1;

// The general registers of user_regs_struct in the order of Case::gpr.
constexpr auto kGprFields = std::to_array<unsigned long long user_regs_struct::*>(
    {&user_regs_struct::rax, &user_regs_struct::rbx, &user_regs_struct::rcx, &user_regs_struct::rdx,
     &user_regs_struct::rsi, &user_regs_struct::rdi, &user_regs_struct::rbp, &user_regs_struct::rsp,
     &user_regs_struct::r8, &user_regs_struct::r9, &user_regs_struct::r10, &user_regs_struct::r11,
     &user_regs_struct::r12, &user_regs_struct::r13, &user_regs_struct::r14, &user_regs_struct::r15});
static_assert(kGprFields.size() == kGprs);

// The three regions, one behind the other in the file that both processes map.
struct Region {
  std::uint64_t address;
  std::size_t offset;  // in the file
  std::size_t size;
  int protection;
};

std::size_t code_size() { return (forms().size() * kSlotSize + kPage - 1) / kPage * kPage; }

std::array<Region, 3> regions() {
  const std::size_t code = code_size();
  return {Region{kCode, 0, code, PROT_READ | PROT_EXEC},
          Region{kScratch, code, kPage, PROT_READ | PROT_WRITE},
          Region{kData, code + kPage, kDataPages * kPage, PROT_READ | PROT_WRITE}};
}

std::string processor_name() {
  unsigned a = 0;
  std::array<unsigned, 3> vendor{};
  __cpuid(0, a, vendor[0], vendor[2], vendor[1]);
  std::string name(12, '\0');
  std::memcpy(name.data(), vendor.data(), name.size());
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  __cpuid(1, a, b, c, d);
  unsigned family = a >> 8 & 0xf;
  unsigned model = a >> 4 & 0xf;
  if (family == 0xf || family == 6) model |= (a >> 16 & 0xf) << 4;
  if (family == 0xf) family += a >> 20 & 0xff;
  return fmt::format("{} family {} model {}", name, family, model);
}

[[noreturn]] void unavailable(const char* doing) {
  throw Unavailable(fmt::format("cannot {}: {}", doing, std::generic_category().message(errno)));
}

// How the traced process ends before it is traced.
enum Refusal : int { kNoMemory = 1, kNoTrace = 2 };

// What the traced process does by itself.
[[noreturn]] void become_tracee(int file) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const Region& region : regions()) {
    void* const wanted = reinterpret_cast<void*>(region.address);  // NOLINT(performance-no-int-to-ptr)
    if (mmap(wanted, region.size, region.protection, MAP_SHARED | MAP_FIXED_NOREPLACE, file,
             static_cast<off_t>(region.offset)) != wanted)
      _exit(kNoMemory);
  }
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(kNoTrace);
  raise(SIGSTOP);
  _exit(0);
}

}  // namespace

struct Native::Impl {
  std::string processor = processor_name();
  pid_t child = -1;
  std::byte* shared = nullptr;
  std::size_t shared_size = 0;
  Arena arena;
  user_regs_struct fresh{};
  std::array<std::uint64_t, kBreakpoints> dr{};
  std::uint64_t dr7 = 0;
  bool pinned = false;  // to one processor
  cpu_set_t allowed{};  // before

  Impl() {
    try {
      start();
    } catch (...) {
      stop();
      throw;
    }
  }
  ~Impl() { stop(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // Tracer and tracee take turns, never work at the same time: on one processor the next one need not be
  // woken from another, which takes longer than all the rest, in virtual machines above all. Not being
  // allowed to only costs time.
  void share_one_processor() {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(std::max(sched_getcpu(), 0)), &one);
    pinned =
        sched_getaffinity(0, sizeof allowed, &allowed) == 0 && sched_setaffinity(0, sizeof one, &one) == 0;
  }

  void start() {
    share_one_processor();  // the child inherits it
    const auto& [code, scratch, data] = regions();
    shared_size = data.offset + data.size;
    const int file = memfd_create("cases", MFD_CLOEXEC);
    if (file < 0) unavailable("make shared memory");
    void* const mapped = ftruncate(file, static_cast<off_t>(shared_size)) == 0
                             ? mmap(nullptr, shared_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
                             : MAP_FAILED;
    if (mapped == MAP_FAILED) {
      close(file);
      unavailable("map shared memory");
    }
    shared = static_cast<std::byte*>(mapped);
    std::ranges::copy(code_image(), shared + code.offset);
    arena.scratch = shared + scratch.offset;
    for (std::size_t page = 0; page < kDataPages; ++page)
      arena.data[page] = shared + data.offset + page * kPage;

    child = fork();
    if (child == 0) become_tracee(file);
    close(file);
    if (child < 0) unavailable("start a process");
    await_start();
    if (ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_EXITKILL) != 0) unavailable("trace a process");
    if (ptrace(PTRACE_GETREGS, child, nullptr, &fresh) != 0) unavailable("read a traced process's registers");
    fresh.orig_rax = ~0ull;  // no system call to restart
  }

  void stop() const {
    if (child > 0) {
      kill(child, SIGKILL);
      waitpid(child, nullptr, __WALL);
    }
    if (shared != nullptr) munmap(shared, shared_size);
    if (pinned) sched_setaffinity(0, sizeof allowed, &allowed);
  }

  int wait() const {
    int status = 0;
    while (waitpid(child, &status, __WALL) < 0) {
      if (errno != EINTR) unavailable("wait for a traced process");
    }
    return status;
  }

  void await_start() const {
    const int status = wait();
    if (WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP) return;
    const int refusal = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    throw Unavailable(refusal == kNoTrace    ? "a process may not be traced (ptrace)"
                      : refusal == kNoMemory ? "a process cannot map memory at the addresses of the cases"
                                             : "a process to be traced does not start");
  }

  static std::size_t offset_of(unsigned reg) {
    return offsetof(user, u_debugreg) + reg * sizeof(user::u_debugreg[0]);
  }
  void write_debug_register(unsigned reg, std::uint64_t value) const {
    if (ptrace(PTRACE_POKEUSER, child, offset_of(reg), value) != 0)
      unavailable("write the debug registers of a traced process");
  }
  std::uint64_t read_debug_register(unsigned reg) const {
    errno = 0;
    const long value = ptrace(PTRACE_PEEKUSER, child, offset_of(reg), nullptr);
    if (errno != 0) unavailable("read the debug registers of a traced process");
    return static_cast<std::uint64_t>(value);
  }

  // Linux checks each address against the length that its register has at the time; with DR7 = 0 that is 1.
  void load_debug_registers(const Case& test) {
    if (test.dr == dr && test.dr7 == dr7) return;
    if (dr7 != 0) write_debug_register(kDr7, 0);
    for (unsigned n = 0; n < kBreakpoints; ++n) {
      if (dr[n] != test.dr[n]) write_debug_register(n, test.dr[n]);
    }
    if (test.dr7 != 0) write_debug_register(kDr7, test.dr7);
    dr = test.dr;
    dr7 = test.dr7;
  }

  void load_registers(const Case& test) const {
    user_regs_struct regs = fresh;
    for (std::size_t i = 0; i < kGprs; ++i) regs.*kGprFields[i] = test.gpr[i];
    regs.rip = place(*test.form).start;
    regs.eflags = test.rflags;
    regs.fs_base = test.fs_base;
    regs.gs_base = test.gs_base;
    if (ptrace(PTRACE_SETREGS, child, nullptr, &regs) != 0) unavailable("set a traced process's registers");
  }

  Outcome run(const Case& test) {
    arena.prepare(test);
    load_debug_registers(test);
    load_registers(test);
    Outcome outcome;
    while (outcome.stops.size() < kMostStops) {
      if (ptrace(PTRACE_CONT, child, nullptr, nullptr) != 0) unavailable("continue a traced process");
      const int status = wait();
      user_regs_struct regs{};
      if (!WIFSTOPPED(status) || ptrace(PTRACE_GETREGS, child, nullptr, &regs) != 0)
        throw std::runtime_error(
            fmt::format("the traced process has ended in a case of {}", test.form->name));
      std::array<std::uint64_t, kGprs> gpr{};
      for (std::size_t i = 0; i < kGprs; ++i) gpr[i] = regs.*kGprFields[i];
      const auto slots = static_cast<unsigned>(read_debug_register(kDr6) & kSlots);
      if (slots != 0) write_debug_register(kDr6, 0);
      const bool trap = WSTOPSIG(status) == SIGTRAP;
      StopKind kind = StopKind::Fault;
      if (trap && slots != 0) kind = StopKind::Trap;
      if (trap && slots == 0 && regs.rip == place(*test.form).end + 1) kind = StopKind::End;
      outcome.stops.push_back(make_stop(test, kind, regs.rip, slots, regs.eflags, gpr));
      if (kind != StopKind::Trap) break;
    }
    arena.digest(test, outcome);
    return outcome;
  }

  // A store to a watched byte must trap: some virtual machines accept debug registers, and never hit.
  void test_self() {
    namespace dr7_bits = debugunit::x86::dr7;
    Case test;
    test.form = &forms().front();
    test.gpr.fill(kData);
    test.dr[0] = kData;
    test.dr7 = dr7_bits::l(0) | dr7_bits::rw(0, dr7_bits::Rw::Write);
    if (!run(test).hit()) throw Unavailable("a breakpoint that the host has accepted does not hit");
  }
};

Native::Native() : impl_(std::make_unique<Impl>()) { impl_->test_self(); }
Native::~Native() = default;

Outcome Native::run(const Case& test) { return impl_->run(test); }
const std::string& Native::processor() const { return impl_->processor; }

}  // namespace trapline::tools::silicon

#else

namespace trapline::tools::silicon {

struct Native::Impl {};

Native::Native() { throw Unavailable("the host is not an x86-64 Linux"); }
Native::~Native() = default;

Outcome Native::run(const Case& /*test*/) { return {}; }
const std::string& Native::processor() const {
  static const std::string kNone;
  return kNone;
}

}  // namespace trapline::tools::silicon

#endif
