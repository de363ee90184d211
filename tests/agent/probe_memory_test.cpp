#include "agent/targets/probe_memory.h"

#include <gtest/gtest.h>

#include <string>

#include "common/files.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

v1::Section leaving(const std::string& bytes) {
  v1::Section section;
  section.set_probe("domain");
  section.set_facts_type("muster.v1.RegistryMemory");
  section.set_facts(bytes);
  return section;
}

class ProbeMemoryTest : public ::testing::Test {
 protected:
  std::string kept_by_the_next(const std::string& probe = "domain") const {
    ProbeMemory next(probe);
    next.open(directory_.path());
    return next.bytes();
  }

  test::TemporaryDirectory directory_;
};

TEST_F(ProbeMemoryTest, IsThereAfterARestartForItsOwnProbeAlone) {
  ProbeMemory memory("domain");
  memory.open(directory_.path());
  EXPECT_EQ(memory.bytes(), "");
  memory.keep(leaving("first"));
  memory.keep(leaving(std::string("second\0", 7)));
  EXPECT_EQ(memory.bytes(), std::string("second\0", 7));
  EXPECT_EQ(kept_by_the_next(), std::string("second\0", 7));
  EXPECT_EQ(kept_by_the_next("lookalikes"), "");
}

TEST_F(ProbeMemoryTest, IsBoundedAndWhatIsTooLargeLeavesWhatThereWas) {
  ProbeMemory memory("domain");
  memory.open(directory_.path());
  const std::string most(kProbeMemoryLimit, 'm');
  memory.keep(leaving(most));
  EXPECT_EQ(kept_by_the_next(), most);
  memory.keep(leaving(most + "m"));
  memory.keep(leaving(""));
  EXPECT_EQ(memory.bytes(), most);
  EXPECT_EQ(kept_by_the_next(), most);
}

TEST_F(ProbeMemoryTest, ThatIsDamagedIsNotUsed) {
  ProbeMemory memory("domain");
  memory.open(directory_.path());
  memory.keep(leaving("something"));
  const std::string path = directory_.path() + "/memory-domain";
  std::string bytes = read_file(path, 1 << 20).value();
  bytes.back() ^= 1;
  ASSERT_TRUE(write_file_atomically(path, bytes, 0600).ok());
  EXPECT_EQ(kept_by_the_next(), "");
}

TEST_F(ProbeMemoryTest, ThatCannotBeWrittenIsThereUntilTheEndOfTheProcess) {
  ProbeMemory memory("domain");
  memory.open(directory_.path() + "/gone");
  memory.keep(leaving("something"));
  EXPECT_EQ(memory.bytes(), "something");
}

}  // namespace
}  // namespace muster::agent
