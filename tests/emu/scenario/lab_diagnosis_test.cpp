// What a diagnosis finds in the state of a failed test, and how a student's file is laid into a check.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <string>

#include "emu/scenario/lab/condition.hpp"
#include "emu/scenario/lab/overlay.hpp"
#include "emu/scenario/lab/submission.hpp"
#include "support.hpp"

namespace trapline::scenario::lab {
namespace {

using test::error_of;
using test::TemporaryFolder;
using Json = nlohmann::ordered_json;

const Json kState = Json::parse(R"({
  "run": {"exit": 0, "events": {"writes": {"count": 4, "hits": [{"function": "a"}, {"function": "b"}]}},
          "registers": {"dr7": "0xd0402"}},
  "problems": "the event writes could not be opened: EINVAL\n"})");

std::string at(const char* pointer) {
  const auto part = part_of(kState, pointer);
  return part ? value_text(*part) : "nothing";
}

TEST(LabCondition, PointersNameParts) {
  EXPECT_EQ(at("/run/events/writes/hits/0/function"), "a");
  EXPECT_EQ(at("/run/events/writes/hits/-1/function"), "b");
  EXPECT_EQ(at("/run/events/writes/hits/#"), "2");
  EXPECT_EQ(at("/run/events/writes/hits/2/function"), "nothing");
  EXPECT_EQ(at("/run/events/writes/hits/-3/function"), "nothing");
  EXPECT_EQ(at("/run/events/writes/hits/-0/function"), "nothing");
  EXPECT_EQ(at("/run/exit/more"), "nothing");
  EXPECT_EQ(at("/nowhere"), "nothing");
}

TEST(LabCondition, Matchers) {
  const auto holds = [](Condition condition) { return condition.holds(kState); };
  EXPECT_TRUE(holds({.pointer = "/run/events/writes/count", .is = "0x4"}));
  EXPECT_FALSE(holds({.pointer = "/run/events/writes/count", .is = "5"}));
  EXPECT_TRUE(holds({.pointer = "/run/events/writes/count", .is_not = "5"}));
  EXPECT_FALSE(holds({.pointer = "/run/events/reads/count", .is_not = "5"}));
  EXPECT_TRUE(holds({.pointer = "/run/events/reads", .absent = true}));
  EXPECT_FALSE(holds({.pointer = "/run/events/writes", .absent = true}));
  EXPECT_TRUE(holds({.pointer = "/problems", .matches = "EINVAL"}));
  EXPECT_FALSE(holds({.pointer = "/problems", .matches = "ENOSPC"}));
  EXPECT_TRUE(holds({.pointer = "/run/registers/dr7", .bits = 0x3, .are = 0x2}));
  EXPECT_FALSE(holds({.pointer = "/run/registers/dr7", .bits = 0x3, .are = 0x1}));
  EXPECT_TRUE(holds({.pointer = "/run/events/writes/count", .min = 4, .max = 4}));
  EXPECT_FALSE(holds({.pointer = "/run/events/writes/count", .min = 5}));
  EXPECT_FALSE(holds({.pointer = "/problems", .min = 0}));
}

TEST(LabCondition, ValuesAreTheSameHoweverTheyAreWritten) {
  EXPECT_TRUE(same_value("0x10", "16"));
  EXPECT_TRUE(same_value("add_one", "add_one"));
  EXPECT_FALSE(same_value("add_one", "add_ten"));
  EXPECT_TRUE(same_value("-1", "0xffffffffffffffff"));
}

TEST(LabOverlay, TakenPartsKeepTheirLines) {
  const Overlaid laid =
      lay_over("scenario: Mine\nexpect:\n  exit: 3\nevents:\n  w:\n    watch: x\nisa: ppc64", "w.yaml",
               {"events"}, "scenario: The check\n");
  EXPECT_EQ(laid.text, "\n\n\nevents:\n  w:\n    watch: x\n\nscenario: The check\n");
  EXPECT_EQ(laid.check_line, 8u);
}

TEST(LabOverlay, NothingTakenIsNothingThere) {
  EXPECT_EQ(lay_over("scenario: Mine\n", "w.yaml", {"events"}, "scenario: S\n").text, "\nscenario: S\n");
  EXPECT_NE(error_of([] { lay_over("{scenario: Mine, events: {}}\n", "w.yaml", {"events"}, ""); }), "");
  EXPECT_NE(error_of([] { lay_over("a: [", "w.yaml", {"events"}, ""); }), "");
}

TEST(LabSubmission, ATodoIsOneOutsideOfCommentsOnly) {
  EXPECT_EQ(line_not_done("a.yaml", "a: 1\nb: TODO\n"), 2u);
  EXPECT_EQ(line_not_done("a.yaml", "a: 1  # TODO: later\n"), 0u);
  EXPECT_EQ(line_not_done("a.s", ".set A, TODO"), 1u);
  EXPECT_EQ(line_not_done("a.c", "/* TODO\n */ int a; // TODO\nint b = TODO;"), 3u);
  EXPECT_EQ(line_not_done("a.c", "int TODOS, MY_TODO; /* unfinished TODO"), 0u);
  EXPECT_EQ(line_not_done("a.c", std::string(1 << 20, '/')), 0u);
  EXPECT_EQ(line_not_done("a.s", std::string(1 << 20, '#') + "\nTODO"), 2u);
}

TEST(LabSubmission, OnlyPlainFilesAreTaken) {
  const TemporaryFolder folder;
  folder.write("a.yaml", "a: 1\n");
  folder.write("big.yaml", std::string((1 << 20) + 1, 'x'));
  std::filesystem::create_symlink("/etc/passwd", folder.path() / "link.yaml");
  std::filesystem::create_symlink(folder.path(), folder.path() / "folder");
  ASSERT_EQ(::mkfifo((folder.path() / "pipe.yaml").c_str(), 0600), 0);
  EXPECT_EQ(read_handed_in(folder.path(), "a.yaml"), "a: 1\n");
  const auto refused = [&](const std::filesystem::path& in, const std::string& name) {
    return error_of([&] { read_handed_in(in, name); });
  };
  EXPECT_EQ(refused(folder.path(), "big.yaml"), "big.yaml: error: has more than a MiB");
  EXPECT_EQ(refused(folder.path(), "link.yaml"), "link.yaml: error: is a link; put the file itself there");
  EXPECT_EQ(refused(folder.path(), "pipe.yaml"), "pipe.yaml: error: is no file");
  EXPECT_NE(refused(folder.path(), "none.yaml"), "");
  EXPECT_NE(refused(folder.path() / "folder", "a.yaml"), "");
}

}  // namespace
}  // namespace trapline::scenario::lab
