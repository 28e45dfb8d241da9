#include "emu/kernel/fs/resolver.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/fs/path.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using isa::linux_abi::kSIfDir;
using isa::linux_abi::kSIfLnk;
using isa::linux_abi::kSIfMt;

constexpr unsigned kMaxLinks = 40;  // path_resolution(7)

// The names still to be walked, the next one last.
class Names {
 public:
  void push(std::string_view path) {
    // What a link's target asks of its last name, the rest of the path asks of it as well.
    if (names_.empty()) needs_folder_ = path.ends_with('/');
    while (!path.empty()) {
      const std::size_t slash = path.rfind('/');
      const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
      if (!name.empty()) names_.emplace_back(name);
      path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
    }
  }
  std::string pop() {
    std::string name = std::move(names_.back());
    names_.pop_back();
    return name;
  }
  bool empty() const { return names_.empty(); }
  bool needs_folder() const { return needs_folder_; }
  void require_folder() { needs_folder_ = true; }

 private:
  std::vector<std::string> names_;
  bool needs_folder_ = false;
};

}  // namespace

bool Node::is_folder() const { return exists && (status.mode & kSIfMt) == kSIfDir; }
bool Node::is_link() const { return exists && (status.mode & kSIfMt) == kSIfLnk; }
bool Node::magic() const {
  return synthetic && (std::holds_alternative<ExecutableLink>(synthetic->content) ||
                       std::holds_alternative<DescriptorLink>(synthetic->content));
}

Result<Node> Resolver::look_up(const std::string& path) const {
  const auto above = static_cast<std::uint64_t>(std::ranges::count(path, '/'));
  view_.sources.scheduler.spend(above * costs::kNameAbove);
  return look_up(path, nullptr);
}

// `folder`: what the last name is in, where that is known.
Result<Node> Resolver::look_up(const std::string& path, const Node* folder) const {
  view_.sources.scheduler.spend(costs::kName);
  Node node{.path = path};
  if (root_ == nullptr || is_synthetic(path)) {
    node.synthetic = find_synthetic(view_, path);
    node.exists = node.synthetic.has_value();
    if (!node.exists) return node;
    // There is no end to the files of tasks that come and go.
    const std::uint64_t inode = node.synthetic->pid ? InodeNumbers::of_task(path) : inodes_.of_path(path);
    node.status = synthetic_status(*node.synthetic, path, inode);
    return node;
  }
  auto host = folder != nullptr && folder->host ? root_->look_up_in(*folder->host, name_of(path))
                                                : root_->look_up(path);
  if (!host && host.error().number == ENOENT) return node;
  if (!host) return host.error();
  const HostStatus& status = host->status;
  node.exists = true;
  node.status = root_->status(status, inodes_.of_host(status.device, status.inode));
  node.host = std::move(*host);
  return node;
}

Result<Node> Resolver::look_up_in(const Node& folder, std::string_view name) const {
  if (name.size() > kNameMax) return Error{ENAMETOOLONG};
  return look_up(join(folder.path, name), &folder);
}

Result<std::string> Resolver::link_target(const Node& link) const {
  if (link.host) return read_host_link(*link.host);
  const SyntheticNode& node = *link.synthetic;
  Task* const task = node.pid ? node.pid->task() : view_.self;
  if (task == nullptr) return Error{ENOENT};
  if (const auto* to = std::get_if<DescriptorLink>(&node.content))
    return task->files->find(to->fd)->file->name();
  if (const auto* mapping = std::get_if<MappingLink>(&node.content)) {
    if (!task->alive() || !task->mm) return Error{ENOENT};
    const auto vma = task->mm->vmas().find(mapping->start);
    if (vma == task->mm->vmas().end()) return Error{ENOENT};
    return std::string(task->mm->name_of(vma->second));
  }
  if (std::holds_alternative<ExecutableLink>(node.content))
    return task->alive() ? Result<std::string>(task->executable) : Error{ENOENT};
  if (const auto* const made = std::get_if<MadeNode>(&node.content))
    return std::get<MadeLink>(made->file->content).target;
  return std::get<SyntheticLink>(node.content).target({.sources = view_.sources, .task = task});
}

Result<Node> Resolver::resolve(const std::string& path, bool follow, const ResolveHow& how) const {
  view_.sources.scheduler.spend(path.size() * costs::kPathByte);
  const bool beneath = (how.flags & kResolveBeneath) != 0;
  const std::string top = how.scoped() ? how.base : "/";
  if (beneath && path.starts_with('/')) return Error{EXDEV};
  Names names;
  names.push(path);
  auto node = look_up(top);
  const auto crosses = [&](const Node& next) {
    return (how.flags & kResolveNoXdev) != 0 && next.exists && next.status.device != node->status.device;
  };
  std::uint64_t walked = 0;
  for (unsigned links = 0; node && !names.empty();) {
    if (!node->is_folder()) return Error{ENOTDIR};
    if (costs::beyond_free(++walked) != 0) view_.sources.scheduler.spend(costs::kNameDeep);
    const std::string name = names.pop();
    if (name == ".") continue;
    if (name == "..") {
      if (beneath && node->path == top) return Error{EXDEV};
      if (node->path == top) continue;
      auto above = look_up(parent_of(node->path));
      if (above && crosses(*above)) return Error{EXDEV};
      node = std::move(above);
      continue;
    }
    if (how.creates && names.empty() && names.needs_folder()) return Error{EISDIR};
    auto next = look_up_in(*node, name);
    if (!next) return next;
    if (crosses(*next)) return Error{EXDEV};
    const bool last = names.empty();
    if (!next->exists) return last ? std::move(next) : Error{ENOENT};
    const bool stay = last && !names.needs_folder() && (!follow || next->magic());
    if (!next->is_link() || stay) {
      node = std::move(next);
      continue;
    }
    if (++links > kMaxLinks || (how.flags & kResolveNoSymlinks) != 0) return Error{ELOOP};
    const auto target = link_target(*next);
    if (!target) return target.error();
    const bool needs_folder = names.needs_folder();
    names.push(*target);
    if (needs_folder) names.require_folder();
    if (!target->starts_with('/')) continue;
    if (beneath) return Error{EXDEV};
    auto first = look_up(top);
    if (first && crosses(*first)) return Error{EXDEV};
    node = std::move(first);
  }
  if (node && names.needs_folder() && !node->is_folder()) return Error{ENOTDIR};
  return node;
}

Result<Node> Resolver::folder_of(const std::string& path) const {
  auto node = resolve(split_last(path).folder, true);
  if (node && !node->exists) return Error{ENOENT};
  return node;
}

Result<std::vector<DirectoryEntry>> Resolver::list(const std::string& path, std::uint64_t inode,
                                                   int host_fd) const {
  const auto charged = [this](std::vector<DirectoryEntry> all) {
    view_.sources.scheduler.spend(all.size() * costs::kDirectoryEntry);
    return all;
  };
  // Inode numbers are given out in the order of the list, so it is put into order first.
  std::vector<std::pair<std::string, std::optional<HostStatus>>> names;
  if (host_fd >= 0) {
    auto listed = list_host_folder(host_fd);
    if (!listed) return listed.error();
    for (HostEntry& entry : *listed) {
      if (path == "/" && is_synthetic(path + entry.name)) continue;
      names.emplace_back(std::move(entry.name), entry.status);
    }
  }
  if (path == "/") {
    for (std::string& name : synthetic_names(view_, path)) names.emplace_back(std::move(name), std::nullopt);
    std::ranges::sort(names, {}, [](const auto& entry) { return entry.first; });
  }
  std::vector<DirectoryEntry> entries{{".", inode, kSIfDir}};
  const auto parent = look_up(parent_of(path));
  entries.push_back({"..", parent ? parent->status.inode : inode, kSIfDir});
  if (host_fd < 0 && path != "/") {
    for (const std::string& name : synthetic_names(view_, path)) {
      if (const auto node = look_up(join(path, name)); node && node->exists)
        entries.push_back({name, node->status.inode, node->status.mode});
    }
    return charged(std::move(entries));
  }
  entries.reserve(entries.size() + names.size());
  for (auto& [name, host] : names) {
    if (host) {
      entries.push_back({std::move(name), inodes_.of_host(host->device, host->inode), host->guest_mode()});
    } else if (const auto node = look_up(join(path, name)); node && node->exists) {
      entries.push_back({name, node->status.inode, node->status.mode});
    }
  }
  return charged(std::move(entries));
}

}  // namespace trapline::kernel
