#include "emu/kernel/arch/x86/vdso.hpp"

#include <dwarf.h>
#include <elf.h>

#include <array>
#include <cerrno>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "emu/kernel/arch/vdso_object.hpp"
#include "emu/kernel/mm/elf_file.hpp"
#include "emu/kernel/syscall/timespec.hpp"
#include "isa/byte_order.hpp"

namespace trapline::kernel::x86_arch {

namespace {

using vdso::Bytes;
using vdso::Section;

// As vdso-layout.lds.S and the size of Linux 6.1's object have it. Of vvar's pages only the first is there;
// the others are of clocks of hypervisors and of time namespaces.
constexpr std::uint64_t kVvarPages = 4, kVdsoPages = 2;
constexpr std::uint64_t kVvarSize = kVvarPages * machine::kGranule;
constexpr std::uint64_t kVdsoSize = kVdsoPages * machine::kGranule;

// Words of vvar, in nanoseconds.
constexpr std::uint64_t kLatest = 0;
constexpr std::uint64_t kWallClock = 8;

// clockid_t: linux/time.h. lib/vdso/gettimeofday.c answers for these by itself, and leaves the others to the
// system call.
constexpr std::uint32_t kRealTime = 1u << 0, kMonotonic = 1u << 1, kMonotonicRaw = 1u << 4,
                        kRealTimeCoarse = 1u << 5, kMonotonicCoarse = 1u << 6, kBootTime = 1u << 7,
                        kTai = 1u << 11;
constexpr std::uint32_t kWallClocks = kRealTime | kRealTimeCoarse | kTai;
constexpr std::uint32_t kClocks = kWallClocks | kMonotonic | kMonotonicRaw | kMonotonicCoarse | kBootTime;
constexpr std::uint8_t kLastClock = 11;

constexpr std::uint32_t kCallGettime = 228, kCallGetres = 229, kCallGetcpu = 309;

// Instructions, one behind the other. None of them moves the stack pointer, so that the return address is on
// top of the stack wherever an unwinder looks.
class Code {
 public:
  explicit Code(Bytes& object) : object_(object) {}

  void put(std::initializer_list<unsigned> bytes) {
    for (const unsigned byte : bytes) object_.put(byte, 1);
  }
  void put32(std::initializer_list<unsigned> bytes, std::uint32_t immediate) {
    put(bytes);
    object_.put(immediate, 4);
  }
  // An operand in vvar, relative to the next instruction.
  void put_vvar(std::initializer_list<unsigned> bytes, std::uint64_t word) {
    put(bytes);
    object_.put(word - kVvarSize - (object_.end() + 4), 4);
  }

  // A conditional jump forwards, to where land() is told of it.
  std::uint64_t jump(unsigned opcode) {
    put({opcode, 0});
    return object_.end();
  }
  void land(std::initializer_list<std::uint64_t> jumps) {
    for (const std::uint64_t next : jumps) {
      Bytes distance(std::endian::little);
      distance.put(object_.end() - next, 1);
      object_.overwrite(next - 1, distance);
    }
  }

 private:
  Bytes& object_;
};

constexpr unsigned kJae = 0x73, kJe = 0x74, kJa = 0x77;

// RAX: the time since the machine was made, in nanoseconds; RDX is lost.
void read_clock(Code& code) {
  code.put({0x0f, 0x31});                      // rdtsc
  code.put({0x48, 0xc1, 0xe2, 0x20});          // shl rdx, 32
  code.put({0x48, 0x09, 0xd0});                // or rax, rdx
  code.put_vvar({0x48, 0x8b, 0x15}, kLatest);  // mov rdx, [rip + latest]
  code.put({0x48, 0x39, 0xd0});                // cmp rax, rdx
  code.put({0x48, 0x0f, 0x42, 0xc2});          // cmovb rax, rdx
}

void add_wall_clock(Code& code) {
  code.put_vvar({0x48, 0x03, 0x05}, kWallClock);  // add rax, [rip + wall clock]
}

// RAX: seconds, RDX: the nanoseconds beyond; RCX is lost.
void divide_by_second(Code& code) {
  code.put({0x31, 0xd2});        // xor edx, edx
  code.put32({0xb9}, kSecond);   // mov ecx, 1000000000
  code.put({0x48, 0xf7, 0xf1});  // div rcx
}

// Whether EDI is a clock that is answered for here; the jumps are taken where it is not.
std::array<std::uint64_t, 2> look_at_clock(Code& code) {
  code.put({0x83, 0xff, kLastClock});  // cmp edi, 11
  const std::uint64_t beyond = code.jump(kJa);
  code.put32({0xb8}, kClocks);   // mov eax, clocks
  code.put({0x0f, 0xa3, 0xf8});  // bt eax, edi
  return {beyond, code.jump(kJae)};
}

void return_zero(Code& code) { code.put({0x31, 0xc0, 0xc3}); }  // xor eax, eax; ret

// The arguments are where the call wants them.
void make_call(Code& code, std::uint32_t number) {
  code.put32({0xb8}, number);    // mov eax, number
  code.put({0x0f, 0x05, 0xc3});  // syscall; ret
}

// int clock_gettime(clockid_t edi, struct timespec* rsi)
void put_clock_gettime(Code& code) {
  const auto [beyond, other] = look_at_clock(code);
  read_clock(code);
  code.put32({0xba}, kWallClocks);  // mov edx, wall clocks
  code.put({0x0f, 0xa3, 0xfa});     // bt edx, edi
  const std::uint64_t since_start = code.jump(kJae);
  add_wall_clock(code);
  code.land({since_start});
  divide_by_second(code);
  code.put({0x48, 0x89, 0x06});        // mov [rsi], rax
  code.put({0x48, 0x89, 0x56, 0x08});  // mov [rsi + 8], rdx
  return_zero(code);
  code.land({beyond, other});
  make_call(code, kCallGettime);
}

// int gettimeofday(struct timeval* rdi, struct timezone* rsi)
void put_gettimeofday(Code& code) {
  code.put({0x48, 0x85, 0xff});  // test rdi, rdi
  const std::uint64_t no_time = code.jump(kJe);
  read_clock(code);
  add_wall_clock(code);
  divide_by_second(code);
  code.put({0x48, 0x89, 0x07});        // mov [rdi], rax
  code.put({0x89, 0xd0});              // mov eax, edx
  code.put({0x31, 0xd2});              // xor edx, edx
  code.put32({0xb9}, 1000);            // mov ecx, 1000
  code.put({0xf7, 0xf1});              // div ecx
  code.put({0x48, 0x89, 0x47, 0x08});  // mov [rdi + 8], rax
  code.land({no_time});
  code.put({0x48, 0x85, 0xf6});  // test rsi, rsi
  const std::uint64_t no_zone = code.jump(kJe);
  code.put({0x31, 0xc0});        // xor eax, eax
  code.put({0x89, 0x06});        // mov [rsi], eax
  code.put({0x89, 0x46, 0x04});  // mov [rsi + 4], eax
  code.land({no_zone});
  return_zero(code);
}

// time_t time(time_t* rdi)
void put_time(Code& code) {
  read_clock(code);
  add_wall_clock(code);
  divide_by_second(code);
  code.put({0x48, 0x85, 0xff});  // test rdi, rdi
  const std::uint64_t no_place = code.jump(kJe);
  code.put({0x48, 0x89, 0x07});  // mov [rdi], rax
  code.land({no_place});
  code.put({0xc3});  // ret
}

// int clock_getres(clockid_t edi, struct timespec* rsi)
void put_clock_getres(Code& code) {
  const auto [beyond, other] = look_at_clock(code);
  code.put({0x48, 0x85, 0xf6});  // test rsi, rsi
  const std::uint64_t no_place = code.jump(kJe);
  code.put32({0x48, 0xc7, 0x06}, 0);        // mov qword ptr [rsi], 0
  code.put32({0x48, 0xc7, 0x46, 0x08}, 1);  // mov qword ptr [rsi + 8], 1
  code.land({no_place});
  return_zero(code);
  code.land({beyond, other});
  make_call(code, kCallGetres);
}

// int getcpu(unsigned* rdi, unsigned* rsi, void* rdx): Linux reads the limit of a segment, of which there is
// no table here. The call's results come below the stack pointer, where nobody else writes (System V ABI,
// AMD64 supplement, 3.2.2), so that it is the program that stores them.
void put_getcpu(Code& code) {
  code.put({0x49, 0x89, 0xf8});              // mov r8, rdi
  code.put({0x49, 0x89, 0xf1});              // mov r9, rsi
  code.put({0x48, 0x8d, 0x7c, 0x24, 0xf8});  // lea rdi, [rsp - 8]
  code.put({0x48, 0x8d, 0x74, 0x24, 0xf0});  // lea rsi, [rsp - 16]
  code.put({0x31, 0xd2});                    // xor edx, edx
  code.put32({0xb8}, kCallGetcpu);           // mov eax, 309
  code.put({0x0f, 0x05});                    // syscall
  code.put({0x4d, 0x85, 0xc0});              // test r8, r8
  const std::uint64_t no_cpu = code.jump(kJe);
  code.put({0x8b, 0x07});        // mov eax, [rdi]
  code.put({0x41, 0x89, 0x00});  // mov [r8], eax
  code.land({no_cpu});
  code.put({0x4d, 0x85, 0xc9});  // test r9, r9
  const std::uint64_t no_node = code.jump(kJe);
  code.put({0x8b, 0x06});        // mov eax, [rsi]
  code.put({0x41, 0x89, 0x01});  // mov [r9], eax
  code.land({no_node});
  return_zero(code);
}

// vdso.lds.S: each function has a name of its own, and a weak one without the prefix.
struct Function {
  std::string_view name;
  void (*put)(Code&);
};
constexpr std::string_view kPrefix = "__vdso_";
constexpr std::array kFunctions{
    Function{"__vdso_gettimeofday", put_gettimeofday},
    Function{"__vdso_time", put_time},
    Function{"__vdso_clock_gettime", put_clock_gettime},
    Function{"__vdso_clock_getres", put_clock_getres},
    Function{"__vdso_getcpu", put_getcpu},
};

// vdso-note.S: which Linux it is, so that a C library need not ask uname(2).
void put_linux_note(Bytes& object) {
  constexpr std::string_view kName = "Linux";
  constexpr std::uint64_t kLinuxVersionCode = 0x060100;
  object.put(kName.size() + 1, 4);
  object.put(4, 4);
  object.put(0, 4);
  object.put_text(kName);
  object.align(4);
  object.put(kLinuxVersionCode, 4);
}

}  // namespace

std::vector<std::byte> vdso_image() {
  Bytes object(std::endian::little);
  object.skip_to(vdso::kHeadersWithNote);
  vdso::Object spec{.machine = EM_X86_64,
                    .page_size = machine::linux_page_size(isa::Isa::X86_64),
                    .soname = "linux-vdso.so.1",
                    .version = "LINUX_2.6"};
  spec.code = vdso::section(object, 16, [&] {
    for (const Function& function : kFunctions) {
      const Section code = vdso::section(object, 16, [&] {
        Code instructions(object);
        function.put(instructions);
      });
      spec.symbols.push_back({function.name, code});
      spec.symbols.push_back({function.name.substr(kPrefix.size()), code, true});
    }
  });
  spec.note = vdso::section(object, 4, [&] { put_linux_note(object); });
  // System V ABI, AMD64 supplement, 3.6.2.
  constexpr std::uint64_t kRsp = 7, kReturnAddress = 16, kWord = 8;
  vdso::Frames frames{.code = spec.code,
                      .augmentation = "zR",
                      .return_address = kReturnAddress,
                      .instructions = Bytes(std::endian::little)};
  frames.instructions.put(DW_CFA_def_cfa, 1);
  frames.instructions.put_uleb128(kRsp);
  frames.instructions.put_uleb128(kWord);
  frames.instructions.put(DW_CFA_offset | kReturnAddress, 1);
  frames.instructions.put_uleb128(1);
  const vdso::FrameSections unwinding = vdso::put_frames(object, frames);
  return vdso::finish(std::move(object), spec, unwinding);
}

// Their pages are made once for all programs.
bool Vdso::make_pages() {
  if (image_) return true;
  std::array<std::byte, 8> wall_clock{};
  isa::store_word(wall_clock, kWallClockStart, std::endian::little);
  auto vvar = std::make_shared<SharedMemory>(machine_, machine::kGranule);
  auto image = std::make_shared<SharedMemory>(machine_, kVdsoSize);
  if (!vvar->write(kWallClock, wall_clock) || !image->write(0, vdso_image())) return false;
  vvar_ = std::move(vvar);
  image_ = std::move(image);
  return true;
}

void Vdso::map(Mm& mm) {
  const auto fail = [] { throw ElfError(ENOMEM, "does not fit into the machine's memory"); };
  if (!make_pages()) fail();
  constexpr std::uint32_t kFlags = kVmSpecial | kVmDontExpand | kVmMayNotSplit;
  // vdso_addr() asks for a place above the stack, where there is none without randomisation: so it becomes
  // the highest gap, as for mmap(2).
  const auto place = mm.map({.size = kVvarSize + kVdsoSize});
  if (!place) return fail();
  Mm::MapRequest request{.at = *place, .fixed = true, .size = kVvarSize};
  request.vma.permissions = {.read = true};
  request.vma.name = "[vvar]";
  request.vma.object = vvar_;
  request.vma.flags = kFlags | kVmMayNotWrite | kVmMayNotExecute | kVmPfnMap | kVmDontDump;
  if (!mm.map(request)) fail();
  request.at = *place + kVvarSize;
  request.size = kVdsoSize;
  request.vma.permissions = {.read = true, .execute = true};
  request.vma.name = "[vdso]";
  request.vma.object = image_;
  request.vma.flags = kFlags;
  if (!mm.map(request)) fail();
  mm.vdso = *request.at;
}

void Vdso::update(std::uint64_t latest) {
  if (!vvar_ || latest == latest_) return;
  latest_ = latest;
  std::array<std::byte, 8> bytes{};
  isa::store_word(bytes, latest, std::endian::little);
  static_cast<void>(vvar_->write(kLatest, bytes));  // the page is there
}

}  // namespace trapline::kernel::x86_arch
