#include <gtest/gtest.h>

#include "fs_support.hpp"

namespace trapline::kernel {
namespace {

using testing::error_of;

TEST(FdTable, GivesTheLowestFreeNumber) {
  FdTable table;
  const FileRef file = input_text("");
  EXPECT_EQ(*table.add(file, false), 0);
  EXPECT_EQ(*table.add(file, false), 1);
  EXPECT_EQ(*table.add(file, false), 2);
  EXPECT_TRUE(table.close(1));
  EXPECT_EQ(*table.add(file, false), 1);
  EXPECT_EQ(*table.add(file, false, 10), 10);
  EXPECT_EQ(*table.add(file, false, 10), 11);
}

TEST(FdTable, ACopyKnowsWhatIsTaken) {
  FdTable table;
  const FileRef file = input_text("");
  for (int fd = 0; fd < 200; ++fd) (void)table.add(file, false);
  EXPECT_TRUE(table.close(64));
  EXPECT_TRUE(table.close(63));
  FdTable copy(table);
  EXPECT_EQ(*copy.add(file, false, 64), 64);
  EXPECT_EQ(*copy.add(file, false, 64), 200);
  EXPECT_EQ(*copy.add(file, false), 63);
  EXPECT_EQ(*table.add(file, false), 63);
}

TEST(FdTable, IsFullAtTheLimit) {
  FdTable table;
  const FileRef file = input_text("");
  for (int fd = 0; fd < FdTable::kLimit; ++fd) ASSERT_EQ(*table.add(file, false), fd);
  EXPECT_EQ(error_of(table.add(file, false)), EMFILE);
  EXPECT_TRUE(table.close(700));
  EXPECT_EQ(*table.add(file, false), 700);
}

TEST(FdTable, ALowerLimitBindsNewDescriptorsOnly) {
  FdTable table;
  const FileRef file = input_text("");
  (void)table.put(40, file, false);
  EXPECT_EQ(*table.add(file, false, 1, 2), 1);
  EXPECT_EQ(error_of(table.add(file, false, 1, 2)), EMFILE);
  EXPECT_EQ(*table.add(file, false, 0, 2), 0);
  EXPECT_NE(table.find(40), nullptr);
}

TEST(FdTable, ClosesOnExecWhatIsMarked) {
  FdTable table;
  const FileRef file = input_text("");
  (void)table.put(3, file, true);
  (void)table.put(4, file, false);
  table.close_on_exec();
  EXPECT_EQ(table.find(3), nullptr);
  EXPECT_NE(table.find(4), nullptr);
}

TEST(FdTable, LetsGoOfAFileThatIsReplaced) {
  FdTable table;
  FileRef file = input_text("");
  const std::weak_ptr<File> watch = file;
  (void)table.put(3, std::move(file), false);
  (void)table.put(3, input_text(""), false);
  EXPECT_TRUE(watch.expired());
  EXPECT_FALSE(table.close(5));
}

// A descriptor takes 128 bytes, and a file about 1 KiB more while one is open.
TEST(FdTable, DescriptorsAndFilesAreChargedToTheMemory) {
  machine::PhysicalMemory memory(16 * machine::kGranule, machine::kGranule);
  {
    FdTable table(memory);
    const FileRef file = input_text("");
    int opened = 0;
    while (opened < FdTable::kLimit && table.add(file, false)) ++opened;
    EXPECT_GT(opened, 400);
    EXPECT_LT(opened, 512);
    EXPECT_EQ(error_of(table.add(file, false)), ENOMEM);
    EXPECT_EQ(error_of(table.put(600, file, false)), ENOMEM);
    EXPECT_FALSE(table.can_copy());
  }
  EXPECT_EQ(memory.free_frames(), 16u);
}

}  // namespace
}  // namespace trapline::kernel
