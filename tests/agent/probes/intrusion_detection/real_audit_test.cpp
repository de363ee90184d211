// The reader of Linux's audit beside the real ones: the kernel of this machine, and Debian's
// auditctl and auditd, which tests/unpacked puts into build/auditd. What a test changes it puts
// back: a rule about a directory of its own, and a daemon for a moment, where none takes the events
// already. Who may not ask the kernel (no root, a container, a kernel without audit) sees that it
// is unread.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdio>
#include <memory>

#include "agent/answers/ask.h"
#include "agent/probes/intrusion_detection/auditd.h"
#include "tests/agent/probes/protection/product_world.h"
#include "tests/common/temporary_directory.h"

namespace muster::intrusion_detection {
namespace {

using protection::test::ProductWorld;
using protection::test::why_unread;
using ::testing::HasSubstr;

const std::string unpacked = MUSTER_SOURCE_DIRECTORY "/build/auditd";
const std::string with_libraries = fmt::format(
    "env LD_LIBRARY_PATH=$(echo {0}/usr/lib/*-linux-gnu {0}/lib/*-linux-gnu | tr ' ' :) ",
    unpacked);

// What the command prints on its standard output.
std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  std::string text;
  for (int byte = 0; pipe != nullptr && (byte = std::fgetc(pipe.get())) != EOF;)
    text += static_cast<char>(byte);
  return text;
}

std::string auditctl(const std::string& words) {
  return output_of(with_libraries + unpacked + "/sbin/auditctl " + words + " 2>&1");
}

// What the host answers, by the questions as they are.
std::vector<answers::Answer> asked() {
  agent::SystemCalls calls;
  answers::AskOptions options;
  if (::geteuid() == 0) options.asker = answers::Account{65534, 65534};
  std::vector<answers::Question> questions;
  for (const answers::Question& question : answers::all_questions()) {
    if (question.name == "auditd" || question.name == "processes") questions.push_back(question);
  }
  return answers::ask(questions, answers::Group::kIntrusionDetection, options, calls);
}

v1::ProtectionProduct read() {
  ProductWorld world;
  world.root().write("/usr/sbin/auditd", "");
  for (answers::Answer& answer : asked())
    world.answer(std::move(answer));
  return world.read(read_auditd).value_or(v1::ProtectionProduct());
}

// Whether this process may ask the kernel; whoever else does is refused in the same way.
bool kernel_tells() {
  return auditctl("-s").find("enabled ") == 0;
}

// "backlog_limit 64" of what auditctl says.
std::string number_of(const std::string& status, const std::string& name) {
  const size_t found = ("\n" + status).find("\n" + name + " ");
  EXPECT_NE(found, std::string::npos) << status;
  const size_t begin = found + name.size() + 1;
  return status.substr(begin, status.find('\n', begin) - begin);
}

TEST(RealAudit, IsAsAuditctlSays) {
  const v1::ProtectionProduct product = read();
  if (!kernel_tells()) {
    EXPECT_NE(why_unread(product, "real_time"), "");
    EXPECT_NE(why_unread(product, "events_lost"), "");
    return;
  }
  const std::string status = auditctl("-s");
  EXPECT_TRUE(product.unread().empty()) << product.DebugString();
  const std::string enabled = number_of(status, "enabled");
  EXPECT_EQ(product.real_time(), enabled == "0" ? v1::ANSWER_NO : v1::ANSWER_YES);
  EXPECT_EQ(product.immutable(), enabled == "2" ? v1::ANSWER_YES : v1::ANSWER_NO);
  EXPECT_EQ(std::to_string(product.events_lost()), number_of(status, "lost"));
  EXPECT_THAT(product.events_detail(), HasSubstr(number_of(status, "backlog_limit")));
  // One that was killed the kernel may name until it next has something to tell.
  if (number_of(status, "pid") == "0") {
    EXPECT_EQ(product.running(), v1::ANSWER_NO);
  }
}

TEST(RealAudit, HasARuleMoreAfterOneWasAddedAndAnotherDigest) {
  if (!kernel_tells()) return;
  const test::TemporaryDirectory watched;
  const std::string rule = fmt::format("{} -p wa -k muster-test", watched.path());
  const v1::ProtectionProduct before = read();
  const std::string refused = auditctl("-w " + rule);
  const v1::ProtectionProduct with_rule = read();
  auditctl("-W " + rule);
  const v1::ProtectionProduct after = read();
  EXPECT_EQ(before.immutable() == v1::ANSWER_YES, refused.find("immutable") != std::string::npos);
  const bool is_added = before.immutable() != v1::ANSWER_YES;
  EXPECT_EQ(with_rule.rule_count(), before.rule_count() + (is_added ? 1 : 0)) << refused;
  EXPECT_EQ(with_rule.rule_digest() == before.rule_digest(), !is_added);
  EXPECT_EQ(after.rule_count(), before.rule_count());
  EXPECT_EQ(after.rule_digest(), before.rule_digest());
}

TEST(RealAudit, RunsWhileADaemonTakesTheEvents) {
  if (!kernel_tells() || read().running() == v1::ANSWER_YES) return;
  const test::TemporaryDirectory directory;
  directory.write("auditd.conf",
                  fmt::format("log_file = {0}/audit.log\nlog_format = RAW\nflush = NONE\n"
                              "local_events = yes\nspace_left = 2\nspace_left_action = IGNORE\n"
                              "admin_space_left = 1\nadmin_space_left_action = IGNORE\n"
                              "disk_full_action = IGNORE\ndisk_error_action = IGNORE\n"
                              "plugin_dir = {0}\n",
                              directory.path()),
                  0640);
  const pid_t daemon = ::fork();
  if (daemon == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    const std::string command =
        fmt::format("exec {}{}/sbin/auditd -n -s nochange -c {} >{}/said 2>&1", with_libraries,
                    unpacked, directory.path(), directory.path());
    ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    ::_exit(127);
  }
  // The test's own limit holds it.
  while (number_of(auditctl("-s"), "pid") == "0" && ::waitpid(daemon, nullptr, WNOHANG) == 0)
    ::usleep(10'000);
  EXPECT_EQ(read().running(), v1::ANSWER_YES) << directory.read("said");
  // One that has only begun may pass over the first, and a second at once ends it in the middle.
  for (int i = 0; ::waitpid(daemon, nullptr, WNOHANG) == 0; ++i) {
    if (i % 100 == 0) ::kill(daemon, SIGTERM);
    ::usleep(10'000);
  }
  EXPECT_EQ(read().running(), v1::ANSWER_NO);
}

}  // namespace
}  // namespace muster::intrusion_detection
