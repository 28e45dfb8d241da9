#include "emu/kernel/signal/sigio.hpp"

#include <algorithm>
#include <array>

#include "emu/kernel/fs/file.hpp"
#include "emu/kernel/signal/signals.hpp"
#include "emu/kernel/task/task_table.hpp"
#include "isa/linux/poll.hpp"
#include "isa/linux/signals.hpp"

namespace trapline::kernel {

namespace abi = isa::linux_abi;

namespace {

constexpr int kSiSigIo = -5;

// The events of poll(2) that a reason stands for (band_table).
std::uint64_t band_of(PollReason reason) {
  switch (reason) {
    case PollReason::In:
      return abi::kPollIn | abi::kPollRdNorm;
    case PollReason::Message:
      return abi::kPollIn | abi::kPollRdNorm | 0x400;  // POLLMSG
    case PollReason::HungUp:
      break;
  }
  return abi::kPollHup | abi::kPollErr;
}

}  // namespace

void Signals::send_sigio(const File& file, PollReason reason) {
  if (file.owner.id == 0) return;
  const int signal = file.owner.signal;
  const int code = static_cast<int>(reason);
  SigInfo info(isa_, signal == 0 ? abi::kSigIo : signal, signal == 0 ? abi::kSiKernel : code);
  if (signal != 0) {
    // Signals whose codes have a meaning of their own.
    constexpr std::array kSpecific{abi::kSigIll,  abi::kSigFpe,  abi::kSigSegv, abi::kSigBus,
                                   abi::kSigTrap, abi::kSigChld, abi::kSigSys};
    const bool specific = std::ranges::find(kSpecific, signal) != kSpecific.end();
    if (specific) info = SigInfo(isa_, signal, kSiSigIo);
    info.file(band_of(reason), file.asynchronous_fd);
  }
  const File::Owner& owner = file.owner;
  if (owner.type == File::Owner::Group) {
    for (Process* const process : tasks_.group(owner.id)) (void)send(info, *process);
    return;
  }
  Task* const task = tasks_.find(owner.id);
  if (task == nullptr) return;
  if (owner.type == File::Owner::Thread)
    (void)send(info, *task);
  else
    (void)send(info, *task->process);
}

}  // namespace trapline::kernel
