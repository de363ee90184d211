// ClamAV's reader held to clamd, sigtool and clamscan of Debian's packages: a daemon of the test's
// own, with signatures made here, asked as muster-answers asks. Unsigned databases (*.cud) are what
// sigtool makes without ClamAV's signing server, and clamd loads them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/probes/antivirus/clamav.h"
#include "agent/probes/protection/text_lines.h"
#include "common/timestamp.h"
#include "tests/agent/answers/asked_world.h"
#include "tests/agent/probes/packages_apt/command.h"
#include "tests/agent/probes/protection/product_world.h"

namespace muster::antivirus {
namespace {

using answers::Answer;
using answers::Question;
using protection::test::why_unread;

// Finds nothing: the hash of no file.
constexpr const char* kSignature = "deadbeefdeadbeefdeadbeefdeadbeef:68:Muster.Test";
// Of what loading takes, until the socket is there.
constexpr int kMostTries = 600;

class RealClamav : public answers::AHost {
 protected:
  RealClamav() {
    for (const char* below : {"/usr/sbin", "/usr/bin", "/etc/clamav", "/var/log/clamav"}) {
      std::filesystem::create_directories(root() + below);
    }
    std::filesystem::create_directories(databases());
    for (const char* program : {"/usr/sbin/clamd", "/usr/bin/clamscan", "/usr/bin/freshclam"}) {
      write(program, "");
    }
    // The host as it sees itself, and the same for a clamd that sees this machine.
    const std::string user = answers::is_root_user ? "User root\n" : "";
    write("/etc/clamav/clamd.conf", "User tester\n");
    write("/etc/passwd", fmt::format("tester:x:{}:0::/:/bin/sh\n", ::geteuid()));
    write("/clamd.conf", user + "Foreground yes\nMaxThreads 2\nLocalSocket " + socket() +
                             "\nDatabaseDirectory " + databases() + "\n");
  }
  ~RealClamav() override { kill_clamd(); }

  std::string root() const { return directory_.path(); }
  std::string databases() const { return root() + "/var/lib/clamav"; }
  std::string socket() const { return root() + "/clamd.ctl"; }
  void write(const std::string& path, const std::string& text) {
    std::ofstream(root() + path) << text;
  }

  // A database of one signature with this version, as sigtool builds it.
  void build_daily(int version) {
    const std::string sources = fmt::format("{}/sources-{}", root(), version);
    std::filesystem::create_directory(sources);
    std::ofstream(sources + "/daily.hdb") << kSignature << "\n";
    std::ofstream(sources + "/COPYING") << "a test's\n";
    // It works where it stands.
    const auto made = muster::test::run_command(
        {"sh", "-c",
         fmt::format("cd {} && sigtool --unsigned --build=daily.cud --cvd-version={} --no-cdiff "
                     ">/dev/null 2>&1",
                     sources, version)},
        {"SIGNDUSER=muster"});
    ASSERT_EQ(made.status, 0);
    std::filesystem::rename(sources + "/daily.cud", databases() + "/daily.cud");
  }

  void start_clamd() {
    clamd_ = ::fork();
    if (clamd_ == 0) {
      const int log = ::open((root() + "/clamd.out").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
      ::dup2(log, STDOUT_FILENO);
      ::dup2(log, STDERR_FILENO);
      ::execlp("clamd", "clamd", ("--config-file=" + root() + "/clamd.conf").c_str(), nullptr);
      ::_exit(127);
    }
    // What it waits for is the socket; how long is not what is tested.
    for (int i = 0; i < kMostTries && !std::filesystem::exists(socket()); ++i) {
      ASSERT_EQ(::waitpid(clamd_, nullptr, WNOHANG), 0) << "clamd ended; is clamav-daemon there?";
      ::usleep(50'000);
    }
    ASSERT_TRUE(std::filesystem::exists(socket()));
    ::chmod(socket().c_str(), 0666);
  }
  void kill_clamd() {
    if (clamd_ <= 0) return;
    ::kill(clamd_, SIGKILL);
    ::waitpid(clamd_, nullptr, 0);
    clamd_ = -1;
  }

  // clamd's own row, at this socket; the version's and the processes' as they are.
  v1::ProtectionProduct read(const char* socket) {
    std::vector<Question> questions;
    for (Question question : answers::all_questions()) {
      if (question.name == "clamd") {
        question.settings = {};
        question.paths = {socket};
        question.process = nullptr;
        question.seconds = 1;
      } else if (question.name != "clamav-version" && question.name != "processes") {
        continue;
      }
      questions.push_back(question);
    }
    std::vector<Answer> all = ask_all(questions);
    for (Answer& answer : all) {
      if (answer.name == "processes") answer.text = without_others(answer.text);
    }
    const probe::HostAnswers host(std::move(all));
    std::vector<std::string> problems;
    const std::string at = root();
    return read_clamav(
               {.root = at, .answers = host, .now = SystemClock().now(), .problems = problems})
        .value();
  }
  v1::ProtectionProduct read() { return read(kept(socket())); }

 private:
  // Without what of ClamAV runs on this machine and is not this test's.
  std::string without_others(std::string_view processes) const {
    std::string kept;
    while (!processes.empty()) {
      const std::string_view line = protection::take_until(processes, '\n');
      const bool is_clamav = line.find(" clam") != std::string_view::npos ||
                             line.find(" freshclam") != std::string_view::npos;
      if (is_clamav && !line.starts_with(fmt::format("{} ", clamd_))) continue;
      kept.append(line).append("\n");
    }
    return kept;
  }

  pid_t clamd_ = -1;
};

std::string built_at(const v1::Signatures& signatures) {
  return signatures.has_built_at() ? to_iso8601(from_proto(signatures.built_at())) : "none";
}

TEST_F(RealClamav, ThatHasLoadedWhatLiesOnDiskIsFresh) {
  build_daily(27500);
  start_clamd();
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ON_DEMAND);
  EXPECT_EQ(product.real_time(), v1::ANSWER_NO);
  EXPECT_EQ(product.loaded_signatures().version(), "27500");
  EXPECT_EQ(product.disk_signatures().version(), "27500");
  EXPECT_NE(built_at(product.loaded_signatures()), "none");
  EXPECT_EQ(built_at(product.loaded_signatures()), built_at(product.disk_signatures()));
  EXPECT_EQ(product.disk_signatures().count(), 1);
  EXPECT_THAT(product.engine_version(), testing::MatchesRegex("[0-9.]+"));
  EXPECT_EQ(product.version(), product.engine_version()) << "clamscan --version";
  EXPECT_EQ(why_unread(product, "loaded_signatures"), "");
}

TEST_F(RealClamav, WhoseDiskHasANewerOneKeepsTheLoadedOneApart) {
  build_daily(27500);
  start_clamd();
  build_daily(27501);
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.loaded_signatures().version(), "27500");
  EXPECT_EQ(product.disk_signatures().version(), "27501");
  EXPECT_TRUE(product.disk_signatures().has_written_at());
}

TEST_F(RealClamav, WithLocalSignaturesOnlyHasNoVersionOfThem) {
  std::ofstream(databases() + "/own.hdb") << kSignature << "\n";
  start_clamd();
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  ASSERT_TRUE(product.has_loaded_signatures());
  EXPECT_EQ(product.loaded_signatures().version(), "");
  EXPECT_EQ(built_at(product.loaded_signatures()), "none");
  ASSERT_TRUE(product.has_disk_signatures());
  EXPECT_EQ(product.disk_signatures().version(), "");
  EXPECT_TRUE(product.disk_signatures().has_written_at());
}

TEST_F(RealClamav, WhoseDaemonWasKilledDoesNotRun) {
  build_daily(27500);
  start_clamd();
  kill_clamd();
  ASSERT_TRUE(std::filesystem::exists(socket())) << "the socket stays";
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.running(), v1::ANSWER_NO);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_OFF);
  EXPECT_FALSE(product.has_loaded_signatures());
  EXPECT_EQ(product.disk_signatures().version(), "27500");
}

TEST_F(RealClamav, WhoseSocketHangsIsNotTakenForRunning) {
  build_daily(27500);
  const v1::ProtectionProduct product = read(serve_unix("hangs.ctl", [](int connection) {
    char byte = 0;
    while (::read(connection, &byte, 1) >= 0)
      ::pause();
  }));
  EXPECT_NE(product.running(), v1::ANSWER_YES);
  EXPECT_FALSE(product.has_loaded_signatures());
  EXPECT_NE(product.real_time(), v1::ANSWER_YES);
}

// What clamscan writes, read as it wrote it.
TEST_F(RealClamav, TellsWhatARealScanFound) {
  std::filesystem::create_directory(root() + "/srv");
  std::ofstream(root() + "/srv/bad") << "muster's own test of a threat\n";
  const auto hash = muster::test::run_command({"sigtool", "--md5", root() + "/srv/bad"});
  ASSERT_EQ(hash.status, 0);
  std::ofstream(databases() + "/own.hdb") << hash.output;
  write("/etc/crontab", "0 3 * * * root clamscan -r --log=/var/log/clamav/scan.log /\n");
  const auto scan = muster::test::run_command(
      {"clamscan", "-r", "--quiet", "--tempdir=" + root(), "--database=" + databases(),
       "--log=" + root() + "/var/log/clamav/scan.log", root() + "/srv"});
  EXPECT_EQ(scan.status, 1) << "found";
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.full_scan().result(), v1::CHECK_RESULT_FOUND);
  EXPECT_EQ(product.full_scan().found(), 1);
  EXPECT_TRUE(product.full_scan().has_started_at());
  EXPECT_TRUE(product.full_scan().has_ended_at());
  EXPECT_EQ(product.threats_found(), 1);
}

// What freshclam writes: of an update from a file, and of one for which nobody listens.
TEST_F(RealClamav, TellsOfARealUpdateAndOfOneThatFailed) {
  write("/custom.hdb", std::string(kSignature) + "\n");
  write("/freshclam.conf",
        fmt::format("{0}UpdateLogFile {1}/var/log/clamav/freshclam.log\nLogTime yes\n"
                    "DatabaseDirectory {2}\nPrivateMirror http://127.0.0.1:9\nMaxAttempts 1\n"
                    "ScriptedUpdates no\nDatabaseCustomURL file://{1}/custom.hdb\n",
                    answers::is_root_user ? "DatabaseOwner root\n" : "", root(), databases()));
  write("/etc/clamav/freshclam.conf", "UpdateLogFile /var/log/clamav/freshclam.log\n");
  const std::vector<std::string> freshclam = {"freshclam", "--quiet",
                                              "--config-file=" + root() + "/freshclam.conf"};
  std::vector<std::string> custom_only = freshclam;
  custom_only.push_back("--update-db=custom");
  ASSERT_EQ(muster::test::run_command(custom_only).status, 0);
  const v1::ProtectionProduct updated = read();
  EXPECT_TRUE(updated.has_last_update_succeeded_at());
  EXPECT_EQ(updated.update_error(), "");
  EXPECT_TRUE(updated.disk_signatures().has_written_at());
  ASSERT_NE(muster::test::run_command(freshclam).status, 0);
  const v1::ProtectionProduct failed = read();
  EXPECT_THAT(failed.update_error(), testing::HasSubstr("Database update process failed"));
  EXPECT_TRUE(failed.has_last_update_tried_at());
  EXPECT_TRUE(failed.has_last_update_succeeded_at()) << "the one before";
}

}  // namespace
}  // namespace muster::antivirus
