#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <map>

#include "collector/backup/backup_envelope.h"
#include "collector/backup/backup_snapshot.h"
#include "collector/backup/restore.h"
#include "collector/identity/authorities.h"
#include "collector/store/revocations.h"
#include "collector/store/store_file.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "tests/collector/fakes.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string passphrase = "correct horse battery staple";
// So that the tests do not take a second for each backup that they open.
constexpr int kFewIterations = 1000;
const std::string web1_id = std::string(32, '1');

HostRecord a_host(char digit) {
  HostRecord host;
  host.id = std::string(32, digit);
  host.name = std::string("host-") + digit;
  host.enrolled_at = TimePoint(std::chrono::days(20'000));
  return host;
}

class BackupTest : public testing::Test {
 protected:
  BackupTest() {
    std::filesystem::create_directory(files_.directory);
    const KeyPair pair = *CertificateAuthority::generate("muster.test", clock_.now());
    write(files_.ca_certificate, pair.certificate, 0644);
    write(files_.ca_key, pair.key, 0600);
    write(files_.directory + "/collector.yml",
          "state_directory: \"" + files_.directory + "\"\nnames: [\"a.test\"]\n", 0644);
    open_store();
    std::promise<absl::Status> added;
    store_->add_host(a_host('1'), [&added](const absl::Status& s) { added.set_value(s); });
    EXPECT_TRUE(added.get_future().get().ok());
    std::promise<absl::Status> put;
    TokenRecord token;
    token.sha256 = std::string(64, 'a');
    token.created_at = token.expires_at = clock_.now();
    token.uses_left = 1;
    store_->put_token(token, [&put](const absl::Status& s) { put.set_value(s); });
    EXPECT_TRUE(put.get_future().get().ok());
  }

  static void write(const std::string& path, const std::string& text, mode_t mode) {
    ASSERT_TRUE(write_file_atomically(path, text, mode).ok());
  }
  static std::string read(const std::string& path) { return *read_file(path, 64 << 20); }
  static std::vector<std::string> names_in(const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  void open_store(int snapshot_pages = 256) {
    store_.reset();
    store_ = *StoreSqlite::open({.path = files_.store, .snapshot_pages = snapshot_pages});
  }

  // As `muster-collector backup` does it.
  std::string back_up(const std::string& name) {
    const auto snapshot = make_snapshot(files_, *store_, clock_.now());
    EXPECT_TRUE(snapshot.ok()) << snapshot.status();
    const std::string path = files_.directory + "/" + snapshot->file();
    const std::string backup = directory_.file(name);
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const absl::Status sealed = seal_backup(descriptor, backup, passphrase, kFewIterations);
    EXPECT_TRUE(sealed.ok()) << sealed;
    ::close(descriptor);
    std::filesystem::remove(path);
    return backup;
  }

  // A backup of a database that somebody else has made.
  std::string seal_database(const std::string& sql) {
    const std::string path = directory_.file("made.db");
    std::filesystem::remove(path);
    {
      auto database = *Database::open(path);
      EXPECT_TRUE(database->execute(sql).ok());
    }
    const std::string backup = directory_.file("made");
    std::filesystem::remove(backup);
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    EXPECT_TRUE(seal_backup(descriptor, backup, passphrase, kFewIterations).ok());
    ::close(descriptor);
    return backup;
  }

  RestoreRequest to(const std::string& name, const std::string& backup) {
    return {.backup = backup,
            .passphrase = passphrase,
            .directory = directory_.file(name),
            .revocations = {},
            .nobody_revoked_since = true};
  }

  FakeClock clock_;
  test::TemporaryDirectory directory_;
  const StateFiles files_{directory_.file("state")};
  std::unique_ptr<StoreSqlite> store_;
};

TEST_F(BackupTest, AStateDirectoryComesBackWithAllThatIsInIt) {
  write(files_.directory + "/web.yml", "basic_auth_users: {}\n", 0640);
  write(files_.directory + "/store.db.lock.x", "not ours", 0600);
  // As long as the end of a temporary file's name; beside ca.pem's own one.
  write(files_.ca_active, "x", 0644);
  write(files_.ca_certificate + ".AbCd12", "half", 0600);
  std::filesystem::create_directory(files_.directory + "/notes");
  std::filesystem::create_symlink("/etc/shadow", files_.directory + "/link");
  const auto snapshot = make_snapshot(files_, *store_, clock_.now());
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_EQ(snapshot->hosts(), 1u);
  EXPECT_THAT(snapshot->files(),
              ElementsAre("ca.active", "ca.key", "ca.pem", "collector.yml", "web.yml"));
  EXPECT_THAT(snapshot->left_out(), ElementsAre("link", "notes"));
  // What nobody fetched goes with the next start.
  remove_snapshots(files_);
  EXPECT_THAT(names_in(files_.directory), Not(Contains(snapshot->file())));

  std::filesystem::remove(files_.ca_active);
  const auto restored = restore(to("new", back_up("backup")), clock_);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->hosts, 1u);
  EXPECT_EQ(restored->tokens, 1u);
  EXPECT_EQ(restored->config_path, directory_.file("new/collector.yml"));
  EXPECT_THAT(names_in(directory_.file("new")),
              ElementsAre("ca.key", "ca.pem", "collector.yml", "store.db", "web.yml"));
  EXPECT_EQ(read(directory_.file("new/ca.key")), read(files_.ca_key));
  EXPECT_THAT(read(directory_.file("new/collector.yml")),
              HasSubstr("state_directory: \"" + directory_.file("new") + "\"\n"));
  struct stat status {};
  ASSERT_EQ(::stat(directory_.file("new").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
  ASSERT_EQ(::stat(directory_.file("new/web.yml").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
  // Neither a token that may have been used, nor keys in the store's free pages.
  EXPECT_THAT(read(directory_.file("new/store.db")), Not(HasSubstr("PRIVATE KEY")));
  const auto store = *StoreSqlite::open({.path = directory_.file("new/store.db")});
  EXPECT_EQ(store->load_hosts()->front().host.name, "host-1");
  EXPECT_THAT(*store->load_tokens(), IsEmpty());
}

TEST_F(BackupTest, ReportsGoOnWhileTheStoreIsCopied) {
  open_store(1);
  std::promise<absl::Status> copied;
  std::vector<std::string> order;
  store_->snapshot(directory_.file("copy.db"), [&](const absl::Status& status) {
    order.push_back("copy");
    copied.set_value(status);
  });
  // 40 pages and more: each write is answered between two of them.
  for (const char digit : std::string("23456789")) {
    store_->add_host(a_host(digit), [&order](const absl::Status& status) {
      order.push_back(status.ok() ? "host" : "failed");
    });
  }
  ASSERT_TRUE(copied.get_future().get().ok());
  EXPECT_EQ(order.back(), "copy");
  EXPECT_EQ(std::count(order.begin(), order.end(), "host"), 8);
  const auto copy = *StoreSqlite::open({.path = directory_.file("copy.db")});
  const auto hosts = copy->load_hosts();
  ASSERT_TRUE(hosts.ok()) << hosts.status();
  EXPECT_EQ(hosts->size(), 9u);
}

TEST_F(BackupTest, ACopyThatDoesNotComeToItsEndIsToldSo) {
  open_store(1);
  std::promise<absl::Status> copied;
  store_->snapshot(directory_.file("copy.db"),
                   [&copied](const absl::Status& status) { copied.set_value(status); });
  store_.reset();
  const absl::Status status = copied.get_future().get();
  EXPECT_TRUE(status.ok() || absl::IsUnavailable(status)) << status;
  open_store();
  write(directory_.file("there.db"), "x", 0600);
  std::promise<absl::Status> refused;
  store_->snapshot(directory_.file("there.db"),
                   [&refused](const absl::Status& why) { refused.set_value(why); });
  EXPECT_TRUE(absl::IsAlreadyExists(refused.get_future().get()));
}

TEST_F(BackupTest, WhatIsNoWholeBackupIsRefusedAndNothingIsRestored) {
  const std::string backup = back_up("backup");
  const std::string good = read(backup);
  struct Case {
    std::string content;
    absl::StatusCode code;
    std::string says;
  };
  std::vector<Case> cases = {
      {"", absl::StatusCode::kInvalidArgument, "is not a backup"},
      {"SQLite format 3", absl::StatusCode::kInvalidArgument, "is not a backup"},
  };
  // OpenSSL reads a stream in pieces: one of them takes in what is behind the end.
  for (const char* more : {"x", "xxxxxxxx", "a whole line that somebody wrote there\n"})
    cases.push_back({good + more, absl::StatusCode::kDataLoss, "more than a backup"});
  for (const size_t size : {size_t{1}, size_t{100}, good.size() / 2, good.size() - 1})
    cases.push_back({good.substr(0, size), absl::StatusCode::kInvalidArgument, "cut short"});
  // In the encrypted store, and in the tag at the end.
  for (const size_t at : {size_t{1000}, good.size() / 2, good.size() - 10}) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    cases.push_back({changed, absl::StatusCode::kDataLoss, "somebody has changed it"});
  }
  for (const Case& one : cases) {
    write(directory_.file("bad"), one.content, 0600);
    const absl::Status status = restore(to("new", directory_.file("bad")), clock_).status();
    EXPECT_EQ(status.code(), one.code) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(one.says));
    EXPECT_FALSE(std::filesystem::exists(directory_.file("new")));
  }
  RestoreRequest wrong = to("new", backup);
  wrong.passphrase = "another passphrase";
  EXPECT_EQ(restore(wrong, clock_).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(names_in(directory_.path()), ElementsAre("backup", "bad", "state"));
  EXPECT_THAT(std::string(restore(to("new", "/nowhere"), clock_).status().message()),
              HasSubstr("No such file"));
  // A backup replaces nothing either.
  const int descriptor = ::open(backup.c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_TRUE(absl::IsAlreadyExists(seal_backup(descriptor, backup, passphrase, kFewIterations)));
  ::close(descriptor);
}

TEST_F(BackupTest, ADatabaseThatNoCollectorMadeIsRefused) {
  const std::string about =
      "CREATE TABLE backup_about (version INTEGER); CREATE TABLE backup_file (name TEXT, mode "
      "INTEGER, content BLOB); INSERT INTO backup_about VALUES (1);";
  const std::map<std::string, std::string> cases = {
      {"CREATE TABLE x (y)", "not a backup"},
      {"CREATE TABLE backup_about (version INTEGER); INSERT INTO backup_about VALUES (2)",
       "a newer muster-collector made it"},
      {about + "INSERT INTO backup_file VALUES ('../x', 0, 'x')", "no collector would have put"},
      {about + "INSERT INTO backup_file VALUES ('store.db-wal', 0, 'x')",
       "no collector would have put"},
      {about + "PRAGMA application_id = 77", "another program"},
      {about, "ca.pem is missing"},
  };
  for (const auto& [sql, says] : cases) {
    const absl::Status status = restore(to("new", seal_database(sql)), clock_).status();
    EXPECT_THAT(std::string(status.message()), HasSubstr(says)) << sql;
    EXPECT_THAT(names_in(directory_.path()), ElementsAre("made", "made.db", "state"));
  }
}

TEST_F(BackupTest, NobodyWhoWasRevokedSinceTheBackupGetsBackIn) {
  const auto at = [](int day) { return TimePoint(std::chrono::days(20'000 + day)); };
  const Revocation first{.host_id = web1_id, .at = at(1), .reason = "stolen"};
  const Revocation second{
      .kind = Revocation::Kind::kRemoved, .host_id = std::string(32, '2'), .at = at(2)};
  write(files_.directory + "/revocations", revocation_line(first), 0600);
  const std::string backup = back_up("backup");

  // On another machine it must be said.
  RestoreRequest request = to("new", backup);
  request.nobody_revoked_since = false;
  EXPECT_THAT(std::string(restore(request, clock_).status().message()),
              AllOf(HasSubstr("--revocations FILE"), HasSubstr("--nobody-revoked-since-backup")));
  write(directory_.file("saved"), revocation_line(second) + revocation_line(first), 0600);
  request.revocations = directory_.file("saved");
  auto restored = restore(request, clock_);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->revocations, 2u);
  EXPECT_EQ(read(directory_.file("new/revocations")),
            revocation_line(first) + revocation_line(second));

  // In the old one's place, what it knows is kept, and it is not to run.
  write(files_.directory + "/revocations", revocation_line(first) + revocation_line(second), 0600);
  request = to("state", backup);
  request.nobody_revoked_since = false;
  EXPECT_TRUE(absl::IsAlreadyExists(restore(request, clock_).status()));
  request.replace = true;
  EXPECT_THAT(std::string(restore(request, clock_).status().message()), HasSubstr("is in use"));
  store_.reset();
  restored = restore(request, clock_);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(read(files_.directory + "/revocations"),
            revocation_line(first) + revocation_line(second));
  EXPECT_THAT(names_in(restored->kept_aside), Contains("store.db"));
}

TEST_F(BackupTest, APassphraseIsTheFirstLineOfItsFile) {
  write(directory_.file("good"), "four words in it\r\nnot this\n", 0600);
  EXPECT_EQ(*read_passphrase(directory_.file("good")), "four words in it");
  for (const std::string& bad : {std::string(), std::string("short\n"), std::string(1025, 'x')}) {
    write(directory_.file("bad"), bad, 0600);
    EXPECT_TRUE(absl::IsInvalidArgument(read_passphrase(directory_.file("bad")).status())) << bad;
  }
}

#if MUSTER_FAILPOINTS
TEST_F(BackupTest, ARestoreThatFailsAnywhereLeavesThePlaceAsItWas) {
  const std::string backup = back_up("backup");
  store_.reset();
  const std::string before = read(files_.store);
  RestoreRequest request = to("state", backup);
  request.replace = true;
  for (const char* rule : {"directory.make=ENOSPC", "file.create=ENOSPC", "file.write@ca.key=EIO",
                           "file.rename@collector.yml=EROFS", "store.checkpoint=ENOSPC",
                           "directory.sync=EIO", "restore.move=EIO"}) {
    ASSERT_TRUE(failpoint::set_rules(rule).ok()) << rule;
    const absl::Status status = restore(request, clock_).status();
    failpoint::clear();
    EXPECT_FALSE(status.ok()) << rule;
    EXPECT_TRUE(read(files_.store) == before) << rule;
    EXPECT_THAT(names_in(directory_.path()), ElementsAre("backup", "state")) << rule;
  }
  // Once they have changed places, nothing of either is lost.
  ASSERT_TRUE(failpoint::set_rules("restore.aside=EIO").ok());
  const absl::Status status = restore(request, clock_).status();
  failpoint::clear();
  EXPECT_THAT(std::string(status.message()), HasSubstr("moving what was in"));
  EXPECT_EQ(names_in(directory_.path()).size(), 3u);
  open_store();
  EXPECT_EQ(store_->load_hosts()->size(), 1u);
}

TEST_F(BackupTest, ABackupThatFailsLeavesNoFile) {
  const auto before = names_in(files_.directory);
  for (const char* rule : {"store.create@backup-=ENOSPC", "store.snapshot=delay:1"}) {
    ASSERT_TRUE(failpoint::set_rules(rule).ok()) << rule;
    const auto snapshot = make_snapshot(files_, *store_, clock_.now());
    failpoint::clear();
    if (snapshot.ok()) remove_snapshots(files_);
    EXPECT_EQ(names_in(files_.directory), before) << rule;
  }
  const int descriptor = ::open(files_.ca_key.c_str(), O_RDONLY | O_CLOEXEC);
  for (const char* rule : {"file.create=ENOSPC", "file.sync=EIO", "file.rename=EIO"}) {
    ASSERT_TRUE(failpoint::set_rules(rule).ok()) << rule;
    EXPECT_FALSE(
        seal_backup(descriptor, directory_.file("backup"), passphrase, kFewIterations).ok());
    failpoint::clear();
    EXPECT_THAT(names_in(directory_.path()), ElementsAre("state")) << rule;
  }
  ::close(descriptor);
}
#endif

}  // namespace
}  // namespace muster::collector
