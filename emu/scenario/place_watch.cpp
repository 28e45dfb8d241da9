#include "emu/scenario/place_watch.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "emu/scenario/guest_memory.hpp"
#include "emu/scenario/target_address.hpp"

namespace trapline::scenario {

namespace {

using isa::GuestVa;
using isa::Isa;

// Who allocates for whom: a function of the library that is called by another one.
constexpr std::size_t kMostAllocators = 16;

Chains::Watched watched(const PlaceWatch::Request& request) {
  return {request.target.pointers, request.target.offset, request.length, request.reads, request.writes};
}

}  // namespace

PlaceWatch::PlaceWatch(kernel::Kernel& kernel, const SymbolTable& symbols, CallChains& callers,
                       Request request, Told told)
    : kernel_(kernel),
      symbols_(symbols),
      callers_(callers),
      request_(std::move(request)),
      told_(std::move(told)),
      points_(kernel),
      chains_(kernel, watched(request_),
              [this](const machine::Observation& what, GuestVa first, const Chains::Begin& begin) {
                if (begin.frame == 0 || alive(what, begin)) told_(what, first);
              }) {
  if (request_.target.heap() && !symbols_.find("malloc") && !symbols_.find("_start"))
    throw PlaceError(
        "the program has neither malloc(), where objects of the heap begin, nor _start, when its libraries "
        "have theirs");
  if (std::holds_alternative<Target::ThreadLocal>(request_.target.base) && !symbols_.find("main"))
    throw PlaceError(
        "the program has no main(), before which nothing is known of its threads' own variables");
  if (request_.executes && !request_.target.code() && !request_.target.address(0))
    throw PlaceError("only code is executed: of a place whose address changes there are reads and writes");
  kernel_.lifecycle().add_listener(*this);
}

PlaceWatch::~PlaceWatch() {
  kernel_.lifecycle().remove_listener(*this);
  for (const auto id : observers_) kernel_.machine().observers().remove(id);
}

void PlaceWatch::move_to(GuestVa address) {
  for (const auto id : std::exchange(observers_, {})) kernel_.machine().observers().remove(id);
  observe(address.value);
}

// --- Where it begins ---

void PlaceWatch::start(kernel::Task& task) {
  points_.start(task);
  struct Begin {
    PlaceWatch& watch;
    void operator()(const Target::Fixed& /*base*/) const {
      if (const auto address = watch.request_.target.address(watch.points_.bias())) watch.observe(*address);
    }
    void operator()(const Target::Code& code) const {
      for (const std::uint64_t address : code.addresses)
        watch.observe(address + watch.request_.target.offset + watch.points_.bias());
    }
    void operator()(const Target::Local& local) const {
      for (const auto& site : local.sites) {
        watch.points_.at(
            site.body + watch.points_.bias(),
            [&watch = watch, &site](machine::Cpu& cpu, kernel::Task& task) { watch.body(site, cpu, task); });
      }
    }
    void operator()(const Target::ThreadLocal& /*base*/) const {
      watch.points_.at(
          symbols().find("main")->address,
          [&watch = watch](machine::Cpu& cpu, kernel::Task& task) { watch.thread_begins(cpu, task); });
    }
    void operator()(const Target::Heap& /*base*/) const { watch.find_allocators(); }
    const SymbolTable& symbols() const { return watch.symbols_; }
  };
  std::visit(Begin{*this}, request_.target.base);
  begin(task);
}

std::string PlaceWatch::why_no_hits() const {
  const Target& target = request_.target;
  if (std::holds_alternative<Target::Local>(target.base) && !reached_)
    return ": its function was never called";
  if (target.heap() && !reached_)
    return ": nothing was allocated there (of a function that ends in a jump to malloc(), as -O2 makes it, "
           "its caller allocates)";
  if (!target.pointers.empty() && !chains_.ever_ended()) return ": no pointer ever led there";
  return "";
}

// In a memory of the program's that is new.
void PlaceWatch::begin(kernel::Task& task) {
  const auto* const fixed = std::get_if<Target::Fixed>(&request_.target.base);
  if (fixed != nullptr && !request_.target.pointers.empty())
    chains_.add(task.mm, {.address = fixed->address + (fixed->absolute ? 0 : points_.bias())});
}

void PlaceWatch::made(kernel::Task& task, kernel::Task& parent) {
  if (!points_.runs_program(task)) return;
  if (task.mm != parent.mm) {
    chains_.copy(*parent.mm, task.mm, parent.tid(), task.tid());
    return;
  }
  if (!std::holds_alternative<Target::ThreadLocal>(request_.target.base)) return;
  kernel_.scheduler().with_registers(task, [&](machine::Cpu& cpu) { thread_begins(cpu, task); });
}

void PlaceWatch::executed(kernel::Task& task) {
  if (points_.runs_program(task)) begin(task);
}

void PlaceWatch::ends(kernel::Task& task) {
  if (task.mm) chains_.remove_all(*task.mm, task.tid());
}

// --- Addresses ---

// Whether it was in a memory of the program's. An address that was given as such is anybody's.
bool PlaceWatch::concerns(const machine::Observation& what) const {
  const auto* const fixed = std::get_if<Target::Fixed>(&request_.target.base);
  if (fixed != nullptr && fixed->absolute) return true;
  const kernel::Task* const task = running(what.cpu);
  const bool own = task != nullptr && task->mm && &task->mm->space() == &what.space;
  return !own || points_.runs_program(*task);
}

void PlaceWatch::observe(std::uint64_t address) {
  const std::uint64_t size = request_.executes ? 1 : request_.length;
  if (size == 0) return;
  observers_.push_back(kernel_.machine().observers().add({.first = GuestVa(address),
                                                          .size = size,
                                                          .reads = request_.reads,
                                                          .writes = request_.writes,
                                                          .executes = request_.executes},
                                                         [this, address](const machine::Observation& what) {
                                                           if (concerns(what)) told_(what, GuestVa(address));
                                                         }));
}

// --- Frames ---

// The function has set up its frame.
void PlaceWatch::body(const Target::Local::Site& site, machine::Cpu& cpu, kernel::Task& task) {
  const auto frames = callers_.frames(cpu, task, 1);
  if (frames.empty()) return;
  reached_ = true;
  const Frame& frame = frames.front();
  const auto address = local_address(site, frame, dwarf_registers(cpu), memory_of(task), points_.bias());
  if (!address) return;
  // The same frame: its first line is a loop's.
  if (const auto known = chains_.find(*task.mm, *address)) {
    if (points_.returns().awaits(task, frame, site.body)) return;
    chains_.remove(*known);
  }
  chains_.add(task.mm, {.address = *address, .owner = task.tid(), .frame = frame.cfa});
  points_.returns().await(task, frame, site.body,
                          [this, address = *address](machine::Cpu&, kernel::Task& caller) {
                            if (const auto in_frame = chains_.find(*caller.mm, address))
                              chains_.remove(*in_frame);
                          });
}

// Whether the frame is still there: longjmp(3) and exceptions leave without returning, and a function that
// ends in a jump to another has no frame any more. Of others' accesses that is not known.
bool PlaceWatch::alive(const machine::Observation& what, const Chains::Begin& begin) const {
  const kernel::Task* const task = running(what.cpu);
  if (task == nullptr || task->tid() != begin.owner) return true;
  constexpr std::size_t kMost = 100'000;
  const auto frames = callers_.frames(what.cpu, *task, kMost, begin.frame);
  if (frames.empty() || frames.back().cfa < begin.frame) return true;  // it was not to be followed so far
  if (frames.back().cfa > begin.frame) return false;
  const std::uint64_t pc = frames.back().pc - points_.bias();
  const auto& sites = std::get<Target::Local>(request_.target.base).sites;
  return std::ranges::any_of(sites, [pc](const auto& site) {
    return std::ranges::any_of(
        site.ranges, [pc](const AddressRange& range) { return range.holds(pc) || range.holds(pc - 1); });
  });
}

// --- Threads ---

void PlaceWatch::thread_begins(machine::Cpu& cpu, kernel::Task& task) {
  const auto& base = std::get<Target::ThreadLocal>(request_.target.base);
  const auto address = thread_local_address(base, cpu);
  if (address && !chains_.find(*task.mm, *address))
    chains_.add(task.mm, {.address = *address, .owner = task.tid()});
}

// --- The heap ---

// The program's own ones, or those of the libraries that are there when it begins.
void PlaceWatch::find_allocators() {
  if (symbols_.find("malloc")) return hook_allocators(symbols_, 0);
  points_.at(symbols_.find("_start")->address, [this](machine::Cpu&, kernel::Task& task) {
    for (const LoadedCode::Object& library : callers_.code().libraries(task))
      hook_allocators(library.symbols, library.bias);
  });
}

void PlaceWatch::hook_allocators(const SymbolTable& symbols, std::uint64_t bias) {
  const auto hook = [&](const char* name, auto reached) {
    const auto symbol = symbols.find(name);
    if (!symbol || !allocators_.insert(symbol->address + bias).second) return;
    points_.at(symbol->address + bias, [this, reached](machine::Cpu& cpu, kernel::Task& task) {
      reached([&](unsigned number) { return argument(cpu, number); }, cpu, task);
    });
  };
  hook("malloc", [this](auto argument, auto& cpu, auto& task) { allocates(argument(0), cpu, task); });
  hook("calloc",
       [this](auto argument, auto& cpu, auto& task) { allocates(argument(0) * argument(1), cpu, task); });
  hook("realloc",
       [this](auto argument, auto& cpu, auto& task) { allocates(argument(1), cpu, task, argument(0)); });
  for (const char* const name : {"valloc", "pvalloc"})
    hook(name, [this](auto argument, auto& cpu, auto& task) { allocates(argument(0), cpu, task); });
  hook("posix_memalign",
       [this](auto argument, auto& cpu, auto& task) { allocates(argument(2), cpu, task, 0, argument(0)); });
  for (const char* const name : {"memalign", "aligned_alloc"})
    hook(name, [this](auto argument, auto& cpu, auto& task) { allocates(argument(1), cpu, task); });
  hook("free", [this](auto argument, auto& /*cpu*/, auto& task) { frees(argument(0), task); });
}

// An allocator is entered. What it returns is the object, or what lies at `into` then; `freed` is then free.
void PlaceWatch::allocates(std::uint64_t size, machine::Cpu& cpu, kernel::Task& task, std::uint64_t freed,
                           std::uint64_t into) {
  const auto frames = callers_.frames(cpu, task, kMostAllocators);
  if (frames.empty()) return;
  const bool wanted = allocated_at_site(task, frames);
  if (!wanted && freed == 0) return;
  points_.returns().await(task, frames.front(), frames.front().pc,
                          [this, size, freed, into, wanted](machine::Cpu& returning, kernel::Task& caller) {
                            std::uint64_t object = kernel_.isa() == Isa::X86_64
                                                       ? returning.get(isa::x86::Reg::rax)
                                                       : returning.get(isa::ppc64::gpr(3));
                            if (into != 0)
                              object = object == 0 ? memory_of(caller)(GuestVa(into)).value_or(0) : 0;
                            if (object == 0) return;
                            frees(freed, caller);
                            reached_ = reached_ || wanted;
                            if (wanted && !chains_.find(*caller.mm, object))
                              chains_.add(caller.mm, {.address = object, .size = size});
                          });
}

bool PlaceWatch::allocated_at_site(const kernel::Task& task, const std::vector<Frame>& frames) const {
  const auto& site = std::get<Target::Heap>(request_.target.base);
  const std::string line = site.file + ":" + std::to_string(site.line);
  return std::ranges::any_of(frames, [&](const Frame& frame) {
    const std::uint64_t call = frame.return_address - 1;
    return site.line != 0 ? callers_.code().line(task, call) == line
                          : callers_.code().name(task, call) == site.function;
  });
}

void PlaceWatch::frees(std::uint64_t address, kernel::Task& task) {
  if (const auto object = chains_.find(*task.mm, address)) chains_.remove(*object);
}

// --- Registers ---

// An integer argument of a function that has just been entered (System V ABI AMD64, 3.2.3; 64-bit PowerPC ELF
// ABI, 3.2.3).
std::uint64_t PlaceWatch::argument(machine::Cpu& cpu, unsigned number) const {
  constexpr std::array kX86{isa::x86::Reg::rdi, isa::x86::Reg::rsi, isa::x86::Reg::rdx};
  return kernel_.isa() == Isa::X86_64 ? cpu.get(kX86.at(number)) : cpu.get(isa::ppc64::gpr(3 + number));
}

}  // namespace trapline::scenario
