// Who is revoked stays revoked: over kills, full disks and a store that is put back.
#include "collector/store/revocations.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "collector/store/store_sqlite.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "tests/collector/fakes.h"
#include "tests/common/killed_child.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using Kind = Revocation::Kind;

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};
const std::string first_id = "0123456789abcdef0123456789abcdef";
const std::string second_id = "fedcba9876543210fedcba9876543210";

Revocation a_revocation(const std::string& id, Kind kind = Kind::kRevoked,
                        const std::string& reason = "") {
  return {.kind = kind, .host_id = id, .at = kNow, .reason = reason};
}

std::unique_ptr<Revocations> open_file(const std::string& path) {
  auto opened = Revocations::open(path);
  EXPECT_TRUE(opened.ok()) << opened.status();
  return opened.ok() ? *std::move(opened) : nullptr;
}

TEST(Revocations, AreLinesThatPeopleCanRead) {
  EXPECT_EQ(revocation_line(a_revocation(first_id, Kind::kRevoked, "stolen from the van")),
            "2027-01-15T08:00:00Z revoked 0123456789abcdef0123456789abcdef stolen from the van\n");
  EXPECT_EQ(revocation_line(a_revocation(first_id, Kind::kRemoved)),
            "2027-01-15T08:00:00Z removed 0123456789abcdef0123456789abcdef\n");
  // No reason makes a second line.
  EXPECT_EQ(revocation_line(a_revocation(first_id, Kind::kRevoked, "a\nb")),
            "2027-01-15T08:00:00Z revoked 0123456789abcdef0123456789abcdef a\\x0ab\n");
  EXPECT_LT(revocation_line(a_revocation(first_id, Kind::kRevoked, std::string(5000, 'x'))).size(),
            300U);
}

TEST(Revocations, WhatIsWrittenIsRead) {
  for (const char* reason : {"", "x", "  two  spaces ", "ends with 0123456789abcdef"}) {
    const Revocation written = a_revocation(second_id, Kind::kRemoved, reason);
    const auto parsed = parse_revocations(revocation_line(written), "f");
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    ASSERT_THAT(parsed->revocations, SizeIs(1));
    const Revocation& read = parsed->revocations.front();
    EXPECT_EQ(read.kind, Kind::kRemoved);
    EXPECT_EQ(read.host_id, second_id);
    EXPECT_EQ(read.at, kNow);
    EXPECT_EQ(read.reason, reason);
    EXPECT_FALSE(parsed->torn);
  }
}

TEST(Revocations, ALineThatIsNoneIsNamedAndNothingIsTaken) {
  const std::string good = revocation_line(a_revocation(first_id));
  for (const char* bad : {"\n", "rubbish\n", "2027-01-15T08:00:00Z revoked 0123\n",
                          "2027-01-15 08:00:00Z revoked 0123456789abcdef0123456789abcdef\n",
                          "2027-02-30T08:00:00Z revoked 0123456789abcdef0123456789abcdef\n",
                          "2027-01-15T24:00:00Z revoked 0123456789abcdef0123456789abcdef\n",
                          "2027-01-15T08:00:00Z forgiven 0123456789abcdef0123456789abcdef\n",
                          "2027-01-15T08:00:00Z revoked 0123456789ABCDEF0123456789abcdef\n"}) {
    const absl::Status status = parse_revocations(good + bad + good, "/x/revocations").status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << bad;
    EXPECT_THAT(std::string(status.message()), HasSubstr("/x/revocations line 2")) << bad;
  }
}

TEST(Revocations, ALastLineWithoutItsEndIsLeftOutWhereverItWasCut) {
  const std::string good = revocation_line(a_revocation(first_id));
  const std::string second = revocation_line(a_revocation(second_id, Kind::kRevoked, "why"));
  for (size_t size = 0; size < second.size(); ++size) {
    const auto parsed = parse_revocations(good + second.substr(0, size), "f");
    ASSERT_TRUE(parsed.ok()) << size << parsed.status();
    EXPECT_THAT(parsed->revocations, SizeIs(1)) << size;
    EXPECT_EQ(parsed->torn, size > 0) << size;
  }
}

TEST(Revocations, AreAddedOnceAndThereAfterwards) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("revocations");
  {
    const auto file = open_file(path);
    EXPECT_THAT(file->all(), SizeIs(0));
    ASSERT_TRUE(file->add(a_revocation(first_id)).ok());
    ASSERT_TRUE(file->add(a_revocation(first_id)).ok());
    ASSERT_TRUE(file->add(a_revocation(first_id, Kind::kRemoved)).ok());
    EXPECT_THAT(file->all(), SizeIs(2));
  }
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));
  EXPECT_THAT(open_file(path)->all(), SizeIs(2));
}

TEST(Revocations, WhatAKillLeftIsTakenOutByTheNextLine) {
  const test::TemporaryDirectory directory;
  const std::string whole = revocation_line(a_revocation(first_id));
  directory.write("revocations", whole + "2027-01-15T08:00:00Z revo", 0600);
  const auto file = open_file(directory.file("revocations"));
  EXPECT_THAT(file->all(), SizeIs(1));
  ASSERT_TRUE(file->add(a_revocation(second_id)).ok());
  EXPECT_EQ(directory.read("revocations"), whole + revocation_line(a_revocation(second_id)));
}

TEST(Revocations, AFileThatIsFullSaysWhatToTakeOut) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("revocations");
  const std::string line = revocation_line(a_revocation(first_id));
  std::string text;
  while (text.size() + 2 * line.size() <= kRevocationsLimit)
    text += line;
  directory.write("revocations", text, 0600);
  const auto file = open_file(path);
  ASSERT_TRUE(file->add(a_revocation(second_id)).ok());
  const absl::Status full = file->add(a_revocation(std::string(32, 'a')));
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  EXPECT_THAT(std::string(full.message()), HasSubstr("Take out the lines"));
  // One that is larger, somebody else has made.
  directory.write("revocations", text + line + line, 0600);
  EXPECT_TRUE(absl::IsOutOfRange(Revocations::open(path).status()));
}

class RevocationFaults : public testing::TestWithParam<const char*> {
 protected:
  ~RevocationFaults() override { failpoint::clear(); }
};

TEST_P(RevocationFaults, AreErrorsAndTheNextTrySucceeds) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("revocations");
  const auto file = open_file(path);
  ASSERT_TRUE(failpoint::set_rules(fmt::format("{}#1=ENOSPC", GetParam())).ok());
  EXPECT_FALSE(file->add(a_revocation(first_id)).ok());
  EXPECT_EQ(failpoint::firings_of_all(), 1U);
  failpoint::clear();
  EXPECT_THAT(open_file(path)->all(), SizeIs(0));
  ASSERT_TRUE(file->add(a_revocation(second_id)).ok());
  EXPECT_THAT(open_file(path)->all(), SizeIs(1));
}

TEST_P(RevocationFaults, AKillThereLosesNoLineThatWasPromised) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("revocations");
  ASSERT_TRUE(open_file(path)->add(a_revocation(first_id)).ok());
  const test::ChildEnd end =
      test::run_until_killed(fmt::format("revocations.write#1=short;{}#1=kill", GetParam()),
                             [&path](const std::function<void()>& promised) {
                               if (!open_file(path)->add(a_revocation(second_id)).ok())
                                 return false;
                               promised();
                               return true;
                             });
  EXPECT_EQ(end.steps, end.killed ? 0U : 1U);
  const size_t after = open_file(path)->all().size();
  EXPECT_GE(after, 1 + end.steps);
  ASSERT_TRUE(open_file(path)->add(a_revocation(std::string(32, 'a'))).ok());
  EXPECT_EQ(open_file(path)->all().size(), after + 1);
}

TEST(RevocationKill, HalfALineIsNobodysRevocationAndTheNextOneIsWhole) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("revocations");
  ASSERT_TRUE(open_file(path)->add(a_revocation(first_id)).ok());
  const auto work = [&path](const std::function<void()>& /*promised*/) {
    return open_file(path)->add(a_revocation(second_id)).ok();
  };
  EXPECT_TRUE(
      test::run_until_killed("revocations.write#1=short;revocations.write#2=kill", work).killed);
  EXPECT_NE(directory.read("revocations").back(), '\n');
  const auto file = open_file(path);
  EXPECT_THAT(file->all(), SizeIs(1));
  ASSERT_TRUE(file->add(a_revocation(second_id)).ok());
  EXPECT_THAT(open_file(path)->all(), SizeIs(2));
}

TEST(RevocationKill, AFullDiskThatAlsoKeepsTheHalfLineIsPutRightByTheNextOne) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("revocations");
  const auto file = open_file(path);
  ASSERT_TRUE(failpoint::set_rules("revocations.write#1=short;revocations.write#2=ENOSPC;"
                                   "revocations.truncate#1=EIO")
                  .ok());
  const absl::Status full = file->add(a_revocation(first_id));
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  failpoint::clear();
  EXPECT_NE(directory.read("revocations"), "");
  ASSERT_TRUE(file->add(a_revocation(first_id)).ok());
  EXPECT_EQ(directory.read("revocations"), revocation_line(a_revocation(first_id)));
}

// A store with two hosts, of which the file knows more than the store.
TEST(RevocationsAtStart, AnOlderStoreThatIsPutBackUnrevokesAndRestoresNobody) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("store.sqlite");
  const std::string third_id(32, '3');
  const auto add = [](Store& store, const std::string& id, const std::string& name) {
    std::promise<absl::Status> added;
    store.add_host({.id = id,
                    .name = name,
                    .labels = {},
                    .machine_id_hash = {},
                    .enrolled_at = kNow,
                    .last_sync_at = std::nullopt},
                   [&added](const absl::Status& status) { added.set_value(status); });
    EXPECT_TRUE(added.get_future().get().ok());
  };
  {
    auto store = *StoreSqlite::open({.path = path});
    add(*store, first_id, "stolen");
    add(*store, second_id, "sold");
    add(*store, third_id, "kept");
  }
  std::filesystem::copy(path, directory.file("backup"));
  const auto file = open_file(directory.file("revocations"));
  ASSERT_TRUE(file->add(a_revocation(first_id, Kind::kRevoked, "stolen")).ok());
  ASSERT_TRUE(file->add(a_revocation(second_id, Kind::kRemoved)).ok());
  // Of a host that the store never had, as after a removal.
  ASSERT_TRUE(file->add(a_revocation(std::string(32, '9'))).ok());

  // As `cp` puts it back, twice: the first start has told the store.
  for (int start = 0; start < 2; ++start) {
    if (start == 0) {
      std::filesystem::copy(directory.file("backup"), path,
                            std::filesystem::copy_options::overwrite_existing);
    }
    auto store = *StoreSqlite::open({.path = path});
    std::vector<StoredHost> hosts = *store->load_hosts();
    EXPECT_EQ(apply_revocations(open_file(directory.file("revocations"))->all(), hosts, *store),
              start == 0 ? 2U : 0U);
    ASSERT_THAT(hosts, SizeIs(2));
    EXPECT_EQ(hosts[0].host.name, "stolen");
    EXPECT_EQ(hosts[0].host.identity.standing, Standing::kRevoked);
    EXPECT_EQ(hosts[0].host.identity.reason, "stolen");
    EXPECT_EQ(hosts[0].host.identity.since, kNow);
    EXPECT_EQ(hosts[1].host.name, "kept");
    EXPECT_EQ(hosts[1].host.identity.standing, Standing::kActive);
  }
}

TEST(RevocationsAtStart, HoldInMemoryWhereTheStoreCannotWrite) {
  FakeStore store;
  store.status = absl::ResourceExhaustedError("the disk is full");
  std::vector<StoredHost> hosts(2);
  hosts[0].host.id = first_id;
  hosts[1].host.id = second_id;
  const std::vector<Revocation> revocations = {a_revocation(first_id),
                                               a_revocation(second_id, Kind::kRemoved)};
  EXPECT_EQ(apply_revocations(revocations, hosts, store), 2U);
  ASSERT_THAT(hosts, SizeIs(1));
  EXPECT_EQ(hosts[0].host.identity.standing, Standing::kRevoked);
}

INSTANTIATE_TEST_SUITE_P(At, RevocationFaults,
                         testing::Values("revocations.open", "revocations.write",
                                         "revocations.sync", "directory.sync"));

}  // namespace
}  // namespace muster::collector
