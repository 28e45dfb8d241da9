// The records that events get, as they lie in their buffers. The program that they are about never runs.
#include "emu/kernel/perf/output.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emu/kernel/perf/ring_buffer.hpp"
#include "isa/byte_order.hpp"
#include "tests/support/tiny_kernel.hpp"

namespace trapline::kernel {
namespace {

constexpr std::uint64_t kPage = 4096;

class Output : public testing::Test {
 protected:
  Output() {
    event_.id = 7;
    event_.cpu = 0;
    event_.state = EventState::Inactive;
    event_.attr.sample_max_stack = kMaxStack;
    event_.buffer = RingBuffer::make(machine_, kPage, 1, 0, false, memory_);
  }
  ~Output() override { kernel_.perf().cpu_context(0).events.clear(); }

  static machine::MachineSpec spec() {
    machine::MachineSpec spec = machine::MachineSpec::defaults(isa::Isa::X86_64);
    spec.memory = 16u << 20;
    return spec;
  }

  PerfOutput& output() { return kernel_.perf().output(); }
  void watch_cpu() { kernel_.perf().cpu_context(0).events.push_back(&event_); }
  void sample(bool kernel = false) {
    output().sample(event_, {machine_.cpu(0), task_, GuestVa(tiny_.code.value), GuestVa(0x1234), kernel}, 1);
  }

  // The records since this was last asked, each as its bytes.
  struct Record {
    std::vector<std::byte> bytes;
    std::uint64_t field(std::size_t at, std::size_t size = 8) const {
      return isa::load_word(std::span(bytes).subspan(at, size), std::endian::little);
    }
    std::uint64_t type() const { return field(0, 4); }
    std::uint64_t misc() const { return field(4, 2); }
    // What follows the header.
    std::vector<std::uint64_t> words() const {
      std::vector<std::uint64_t> words;
      for (std::size_t at = 8; at < bytes.size(); at += 8) words.push_back(field(at));
      return words;
    }
  };
  std::vector<Record> records() {
    std::vector<std::byte> head(8);
    memory_->read(1024, head);
    const std::uint64_t end = isa::load_word(head, std::endian::little);
    std::vector<Record> all;
    while (read_ < end) {
      std::vector<std::byte> size(2);
      memory_->read(kPage + read_ + 6, size);
      Record record{std::vector<std::byte>(isa::load_word(size, std::endian::little))};
      memory_->read(kPage + read_, record.bytes);
      read_ += record.bytes.size();
      all.push_back(std::move(record));
    }
    return all;
  }
  std::uint64_t ids() const {
    return static_cast<std::uint64_t>(task_->tid()) << 32 | static_cast<std::uint64_t>(task_->tgid());
  }

  support::TinyKernel tiny_{spec(), std::vector<std::byte>(16)};
  machine::Machine& machine_ = tiny_.machine;
  Kernel& kernel_ = tiny_.kernel;
  Task* task_ = tiny_.task;
  std::shared_ptr<SharedMemory> memory_;
  PerfEvent event_;
  std::uint64_t read_ = 0;
};

using Words = std::vector<std::uint64_t>;

TEST_F(Output, ASampleHasItsFieldsInTheirOrder) {
  machine_.cpu(0).charge(500);
  event_.attr.sample_type = kSampleIp | kSampleTid | kSampleTime | kSampleAddr | kSampleId | kSampleCpu |
                            kSamplePeriod | kSampleStreamId | kSampleIdentifier | kSampleRaw |
                            kSampleDataSrc | kSampleWeight;
  const std::uint64_t now = machine_.cpu(0).clock();
  sample();
  const auto all = records();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].type(), 9u);
  EXPECT_EQ(all[0].misc(), 2u);
  EXPECT_EQ(all[0].words(), (Words{7, tiny_.code.value, ids(), now, 0x1234, 7, 7, 0, 1, 4, 0, 0x1e05080021}));
}

TEST_F(Output, TheParentNamesAnInheritedEventsSamples) {
  PerfEvent child;
  child.id = 9;
  child.parent = &event_;
  child.attr.sample_type = kSampleIdentifier | kSampleId | kSampleStreamId;
  output().sample(child, {machine_.cpu(0), task_}, 1);
  EXPECT_EQ(records().at(0).words(), (Words{7, 7, 9}));
}

TEST_F(Output, TheKernelsPartOfACallchainHasAMarkerOfItsOwn) {
  event_.attr.sample_type = kSampleCallchain;
  sample(true);
  event_.attr.exclude_callchain_kernel = true;
  sample(true);
  event_.attr.exclude_callchain_user = true;
  sample(true);
  const auto all = records();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].misc(), 1u);
  EXPECT_EQ(all[0].words(),
            (Words{4, kPerfContextKernel, 0xffffffff81000000, kPerfContextUser, tiny_.code.value}));
  EXPECT_EQ(all[1].words(), (Words{2, kPerfContextUser, tiny_.code.value}));
  EXPECT_EQ(all[2].words(), Words{0});
}

// At the top of the stack there is less than was asked for; and what is not there ends it.
TEST_F(Output, AStackDumpEndsWithTheMemory) {
  event_.attr.sample_type = kSampleStackUser;
  event_.attr.sample_stack_user = 32;
  const GuestVa top = task_->mm->layout().task_size;
  machine_.cpu(0).set(isa::x86::Reg::rsp, (top - 16).value);
  sample();
  EXPECT_EQ(records().at(0).words().size(), 4u);
  machine_.cpu(0).set(isa::x86::Reg::rsp, 0x1000);
  sample();
  EXPECT_EQ(records().at(0).words(), (Words{32, 0, 0, 0, 0, 0}));
}

TEST_F(Output, WhereThereIsNobodyThereAreNoRegisters) {
  event_.attr.sample_type = kSampleTid | kSampleRegsUser | kSampleStackUser;
  event_.attr.sample_regs_user = 0xff;
  event_.attr.sample_stack_user = 64;
  output().sample(event_, {machine_.cpu(0), nullptr}, 1);
  const auto all = records();
  EXPECT_EQ(all.at(0).misc(), 1u);
  EXPECT_EQ(all.at(0).words(), (Words{0, 0, 0}));
}

TEST_F(Output, WhatWasLostIsToldWithTheNext) {
  event_.attr.sample_type = kSampleIp | kSampleTid;
  event_.attr.sample_id_all = true;
  for (int i = 0; i < 172; ++i) sample();  // of 24 bytes each
  EXPECT_EQ(event_.lost_samples, 2u);
  EXPECT_EQ(records().size(), 170u);
  std::vector<std::byte> tail(8);
  isa::store_word(tail, read_, std::endian::little);
  ASSERT_TRUE(memory_->write(1032, tail));
  read_ = 0;
  sample();
  std::vector<std::byte> lost(16);
  memory_->read(kPage + 4080, lost);
  EXPECT_EQ(isa::load_word(std::span(lost).first(4), std::endian::little), 2u);  // PERF_RECORD_LOST
  EXPECT_EQ(isa::load_word(std::span(lost).last(8), std::endian::little), 7u);
  memory_->read(kPage, lost);
  EXPECT_EQ(isa::load_word(std::span(lost).first(8), std::endian::little), 2u);  // how many
  EXPECT_EQ(isa::load_word(std::span(lost).last(8), std::endian::little), ids());
}

TEST_F(Output, ANameIsFilledUpWithZeroes) {
  event_.attr.comm = true;
  event_.attr.sample_id_all = true;
  event_.attr.sample_type = kSampleTid | kSampleCpu;
  watch_cpu();
  task_->comm = "sleeping";
  output().comm(*task_, true);
  const auto all = records();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].type(), 3u);
  EXPECT_EQ(all[0].misc(), 0x2000u);
  EXPECT_EQ(all[0].words(), (Words{ids(), 0x676e697065656c73, 0, ids(), 0}));
}

TEST_F(Output, WhoDoesNotAskGetsNothing) {
  watch_cpu();
  output().comm(*task_, true);
  output().exit(*task_);
  event_.attr.task = true;
  event_.state = EventState::Off;
  output().exit(*task_);
  EXPECT_TRUE(records().empty());
}

TEST_F(Output, MappingsThatCannotBeExecutedAreData) {
  watch_cpu();
  event_.attr.mmap = true;
  Vma vma;
  vma.start = GuestVa(0x10000);
  vma.end = GuestVa(0x12000);
  vma.permissions = {.read = true, .execute = true};
  vma.file_offset = 0x3000;
  output().mmap(*task_, vma);
  vma.permissions.execute = false;
  output().mmap(*task_, vma);
  event_.attr.mmap_data = true;
  event_.attr.mmap2 = true;
  output().mmap(*task_, vma);
  const auto all = records();
  ASSERT_EQ(all.size(), 2u);
  const std::uint64_t anon = 0x6e6f6e612f2f;  // "//anon"
  EXPECT_EQ(all[0].type(), 1u);
  EXPECT_EQ(all[0].misc(), 2u);
  EXPECT_EQ(all[0].words(), (Words{ids(), 0x10000, 0x2000, 0x3000, anon}));
  EXPECT_EQ(all[1].type(), 10u);
  EXPECT_EQ(all[1].misc(), 0x2002u);
  EXPECT_EQ(all[1].words(), (Words{ids(), 0x10000, 0x2000, 0x3000, 0, 0, 0, 0x200000001, anon}));
}

TEST_F(Output, AProcessEndsUnderItsParent) {
  watch_cpu();
  event_.attr.task = true;
  const std::uint64_t now = machine_.cpu(0).clock();
  output().exit(*task_);
  const auto all = records();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].type(), 4u);
  EXPECT_EQ(all[0].field(8, 4), static_cast<std::uint64_t>(task_->tgid()));
  EXPECT_EQ(all[0].field(12, 4), 1u);
  EXPECT_EQ(all[0].field(24), now);
}

// Who watches a CPU sees whom else it runs, and the idle task like any other.
TEST_F(Output, SwitchesOfACpuNameTheOther) {
  watch_cpu();
  event_.attr.context_switch = true;
  event_.attr.sample_id_all = true;
  event_.attr.sample_type = kSampleTid;
  output().context_switch(*task_, machine_.cpu(0), true, {});
  const auto all = records();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].type(), 15u);
  EXPECT_EQ(all[0].misc(), 0x2000u);
  EXPECT_EQ(all[0].words(), (Words{0, ids()}));
  EXPECT_EQ(all[1].misc(), 0u);
  EXPECT_EQ(all[1].words(), (Words{ids(), 0}));
}

}  // namespace
}  // namespace trapline::kernel
