// A mapping (struct vm_area_struct).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "emu/kernel/mm/file_bytes.hpp"
#include "emu/kernel/mm/shared_memory.hpp"
#include "emu/machine/address_space.hpp"
#include "isa/address.hpp"

namespace trapline::kernel {

using isa::GuestVa;
using machine::Permissions;

// vm_flags beyond the permissions: what they do, and that mappings of different flags stay apart.
enum VmFlag : std::uint32_t {
  kVmLocked = 1u << 0,
  kVmLockOnFault = 1u << 1,
  kVmDontCopy = 1u << 2,    // MADV_DONTFORK
  kVmWipeOnFork = 1u << 3,  // MADV_WIPEONFORK
  kVmNoReserve = 1u << 4,   // MAP_NORESERVE
  kVmAccount = 1u << 5,     // counted as committed
  kVmRandRead = 1u << 6,
  kVmSeqRead = 1u << 7,
  kVmHugePage = 1u << 8,
  kVmNoHugePage = 1u << 9,
  kVmMergeable = 1u << 10,
  kVmDontDump = 1u << 11,
  kVmMayNotWrite = 1u << 12,    // no VM_MAYWRITE: shared, of a file that is open for reading only
  kVmDontExpand = 1u << 13,     // mremap(2) does not make it larger
  kVmMayNotSplit = 1u << 14,    // what concerns a part of it is refused
  kVmReadOnlyTail = 1u << 15,   // beyond its first page nothing can be stored
  kVmMayNotExecute = 1u << 16,  // no VM_MAYEXEC
  kVmPfnMap = 1u << 17,         // VM_IO and VM_PFNMAP: what others than the program itself do not get at
  kVmSpecial = 1u << 18,        // the kernel's own pages, from `object`, and no file's (vm_special_mapping)
};

struct Vma {
  GuestVa start;
  GuestVa end;
  Permissions permissions;  // as asked for: VM_READ, VM_WRITE, VM_EXEC
  bool shared = false;
  bool grows_down = false;
  FileBytes file;  // null: anonymous memory
  // Of `start` in the file or the shared memory. For private anonymous memory, vm_pgoff: where it was mapped
  // at first, which mremap does not change, and which neighbours must agree on to become one.
  std::uint64_t file_offset = 0;
  std::string name;  // as in /proc/PID/maps: a path, "[stack]" or nothing
  std::uint32_t flags = 0;
  std::shared_ptr<SharedMemory> object;  // of shared anonymous memory; of a special mapping
  // Which mappings of private memory once had common pages: 0 before the first is written to.
  std::uint64_t anon_vma = 0;
  bool inherited = false;  // through fork(2), pages and all

  std::uint64_t size() const { return end - start; }
  // Without any permission a page cannot be accessed; with one it can at least be read, since neither page
  // table can take reading away from a page that may be written or executed.
  bool accessible() const { return permissions.read || permissions.write || permissions.execute; }
  bool anonymous() const { return !file && !object; }
  bool special() const { return (flags & kVmSpecial) != 0; }
  bool read_only(GuestVa page) const {
    return (flags & kVmReadOnlyTail) != 0 && (page != start || file_offset != 0);
  }
  // Where an address within the mapping lies in the file or the shared memory.
  std::uint64_t offset_of(GuestVa address) const { return file_offset + (address - start); }
};

}  // namespace trapline::kernel
