#include "emu/kernel/fs/cpu_files.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include "emu/kernel/fs/positioned_file.hpp"
#include "emu/kernel/task/cpu_hotplug.hpp"
#include "emu/kernel/task/scheduler.hpp"

namespace trapline::kernel {

namespace {

// kstrtobool()
std::optional<bool> truth(std::span<const std::byte> bytes) {
  const auto at = [bytes](std::size_t n) {
    return n < bytes.size() ? std::to_integer<char>(bytes[n]) : '\0';
  };
  switch (at(0)) {
    case 'y':
    case 'Y':
    case '1':
      return true;
    case 'n':
    case 'N':
    case '0':
      return false;
    case 'o':
    case 'O':
      if (at(1) == 'n' || at(1) == 'N') return true;
      if (at(1) == 'f' || at(1) == 'F') return false;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

class OnlineFile final : public PositionedFile {
 public:
  OnlineFile(const MadeDevice::Request& request, Scheduler& scheduler, unsigned cpu, SwitchCpu switch_cpu)
      : PositionedFile(request.name, request.flags),
        scheduler_(scheduler),
        cpu_(cpu),
        switch_cpu_(std::move(switch_cpu)),
        status_(request.status) {}

  Result<FileStatus> status() const override { return status_; }

 protected:
  SyscallResult read_at(std::span<std::byte> out, std::uint64_t offset) override {
    const std::string_view text = scheduler_.online(cpu_) ? "1\n" : "0\n";
    const auto part = std::as_bytes(std::span(text)).subspan(std::min<std::uint64_t>(offset, text.size()));
    const auto here = part.first(std::min(part.size(), out.size()));
    std::ranges::copy(here, out.begin());
    return here.size();
  }
  SyscallResult write_at(std::span<const std::byte> bytes, std::uint64_t) override {
    const auto online = truth(bytes);
    const auto by = scheduler_.active_cpu();
    Task* const task = by ? scheduler_.running(*by) : nullptr;
    if (!online || task == nullptr) return Error{EINVAL};
    const SyscallResult done = switch_cpu_(*task, this, cpu_, *online);
    return done ? SyscallResult(bytes.size()) : done;
  }

 private:
  Scheduler& scheduler_;
  unsigned cpu_;
  SwitchCpu switch_cpu_;
  FileStatus status_;
};

}  // namespace

void add_cpu_files(MadeFiles& files, const CpuHotplug& hotplug, Scheduler& scheduler, unsigned cpus,
                   const SwitchCpu& switch_cpu) {
  for (unsigned cpu = 0; cpu < cpus; ++cpu) {
    if (!hotplug.hotpluggable(cpu)) continue;
    const auto open = [&scheduler, cpu, switch_cpu](Task&,
                                                    const MadeDevice::Request& request) -> Result<FileRef> {
      return FileRef(std::make_shared<OnlineFile>(request, scheduler, cpu, switch_cpu));
    };
    (void)files.add(fmt::format("/sys/devices/system/cpu/cpu{}/online", cpu),
                    {.content = MadeDevice{.open = open}, .permissions = 0644});
  }
}

}  // namespace trapline::kernel
