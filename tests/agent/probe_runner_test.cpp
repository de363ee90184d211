// Probes as small shell scripts, one for each way in which a program can misbehave.
#include "agent/launcher/probe_runner.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <thread>

#include "agent/launcher/launcher_protocol.h"
#include "agent/launcher/look_result.h"
#include "common/files.h"
#include "common/text.h"
#include "tests/agent/forked_launcher.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kAddressSpaceIsBounded = false;
#else
constexpr bool kAddressSpaceIsBounded = true;
#endif

constexpr ProbeRow kRow{.name = "example",
                        .program = "muster-probe-example",
                        .interval = 1h,
                        .timeout = 30s,
                        .inputs = {},
                        .settings = {}};

class ProbeRunnerTest : public ::testing::Test {
 protected:
  v1::Section look(const std::string& script, Duration timeout = 60s) {
    directory_.write("muster-probe-example", "#!/bin/sh\n" + script + "\n", 0755);
    return look_at_what_is_there(timeout);
  }

  v1::Section look_at_what_is_there(Duration timeout = 60s) {
    std::optional<v1::Section> given;
    runner_.look(kRow, timeout, [&given](v1::Section section) { given = std::move(section); });
    run_until([&given] { return given.has_value(); });
    return given.value_or(v1::Section());
  }

  // Has the program that is there run, and gives what came of it.
  LaunchResult launch(const LaunchRequest& request) {
    std::optional<LaunchResult> given;
    launcher_.launch(request, [&given](LaunchResult result) { given = std::move(result); });
    run_until([&given] { return given.has_value(); });
    return given.value_or(LaunchResult());
  }

  template <typename Condition>
  void run_until(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 100s;
    while (!condition()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it never came true";
      context_.restart();
      context_.run_one_for(1s);
    }
  }

  std::string failure_of(const std::string& script, Duration timeout = 60s) {
    const v1::Section section = look(script, timeout);
    EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
    EXPECT_EQ(section.probe(), "example");
    EXPECT_TRUE(section.has_observed_at());
    return section.reason();
  }

  // A file that holds one delimited section.
  std::string file_of_section(const std::string& facts) {
    v1::Section section;
    section.set_probe("example");
    section.set_outcome(v1::OUTCOME_OBSERVED);
    section.set_facts_type("muster.v1.HostFacts");
    section.set_facts(facts);
    const std::string bytes = section.SerializeAsString();
    return directory_.write("section", std::string(1, static_cast<char>(bytes.size())) + bytes);
  }

  // The process that the script left its id of goes, or only waits to be reaped: a kill takes a
  // moment to end what it was sent to.
  static bool is_gone_soon(const std::string& pid) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    do {
      const auto status = read_file("/proc/" + pid + "/stat", 4096);
      if (!status.ok() || status->find(") Z ") != std::string::npos) return true;
      std::this_thread::sleep_for(1ms);
    } while (std::chrono::steady_clock::now() < deadline);
    return false;
  }

  test::TemporaryDirectory directory_;
  boost::asio::io_context context_;
  SystemClock clock_;
  const std::span<const ProbeRow> rows_{&kRow, 1};
  Launcher launcher_{
      context_,
      {.connect = test::forked_launcher(rows_, directory_.path()), .table = table_digest(rows_)}};
  ProbeRunner runner_{launcher_, clock_, directory_.path(), rows_};
};

TEST_F(ProbeRunnerTest, GivesTheSectionThatAProbeWrote) {
  const v1::Section section = look("cat " + file_of_section("web1"));
  EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  EXPECT_EQ(section.facts(), "web1");
  EXPECT_EQ(runner_.counts_of("example").runs, 1);
  EXPECT_EQ(runner_.counts_of("example").failures, 0);
  EXPECT_GT(runner_.counts_of("example").last_duration, 0s);
}

TEST_F(ProbeRunnerTest, ItIsSaidOnceThatThereIsALauncherOrThatThereIsNone) {
  int settled = 0;
  Launcher present(context_, {.connect = test::forked_launcher(rows_, directory_.path()),
                              .table = table_digest(rows_),
                              .settled = [&settled] { ++settled; }});
  present.start();
  EXPECT_EQ(settled, 0) << "it has not said hello yet";
  while (!present.facts())
    context_.run_one();
  EXPECT_EQ(settled, 1);
  present.stop();
  Launcher absent(context_, {.connect = [] { return absl::UnavailableError("nobody listens"); },
                             .table = table_digest(rows_),
                             .settled = [&settled] { ++settled; }});
  absent.start();
  EXPECT_EQ(settled, 2);
  EXPECT_FALSE(absent.facts());
}

TEST_F(ProbeRunnerTest, PassesTheRequestOnStdin) {
  // Facts come back as what was read: the smallest way to see it.
  directory_.write("muster-probe-example", "#!/bin/sh\ncat >&2; exit 3\n", 0755);
  const LaunchResult given = launch({});
  EXPECT_EQ(given.error_output, test::kForkedRequest);
  EXPECT_EQ(given.code, 3);
}

TEST_F(ProbeRunnerTest, GivesItAnEmptyWorldOfItsOwn) {
  ::setenv("MUSTER_TEST_SECRET", "leaked", 1);
  const std::string reason = failure_of(
      "echo \"$(env | sort | tr '\\n' ' ')cwd=$(pwd)"
      " fds=$(ls /proc/$$/fd | tr '\\n' ' ') core=$(ulimit -c) files=$(ulimit -n)"
      " group=$(test $(cut -d' ' -f5 /proc/$$/stat) = $$ && echo own)"
      " $(grep NoNewPrivs /proc/$$/status)\" >&2; exit 1");
  EXPECT_THAT(reason, HasSubstr("LC_ALL=C"));
  EXPECT_THAT(reason, Not(HasSubstr("MUSTER_TEST_SECRET")));
  EXPECT_THAT(reason, HasSubstr("cwd=/ "));
  EXPECT_THAT(reason, MatchesRegex(".*fds=0 1 10 2 3 4 .*"))
      << "3 is the pipe from ls, 4 the script, 10 how sh reads it";
  EXPECT_THAT(reason, HasSubstr("core=0 files=256 group=own"));
  EXPECT_THAT(reason, HasSubstr("NoNewPrivs:\\x091"));
}

TEST_F(ProbeRunnerTest, ItsEnvironmentIsTheLocaleAndThePathAndNothingElse) {
  // Of the moment of exec: what the shell adds later is its own.
  EXPECT_EQ(failure_of("tr '\\0' '|' < /proc/$$/environ >&2; exit 1"),
            "muster-probe-example ended with status 1: "
            "LC_ALL=C|PATH=/usr/sbin:/usr/bin:/sbin:/bin|");
}

TEST_F(ProbeRunnerTest, KillsAProbeThatUsesTooMuchProcessorTime) {
  // A process of one thread comes to its time-out first, so it bounds itself here.
  EXPECT_EQ(failure_of("ulimit -St 1; while :; do :; done"),
            "muster-probe-example used more processor time than it is allowed and was killed");
}

TEST_F(ProbeRunnerTest, AProbeThatIgnoresTheSignalOfItsProcessorLimitIsKilledASecondLater) {
  EXPECT_THAT(failure_of("echo $(ulimit -St) $(ulimit -Ht) >&2; exit 1", 20s),
              EndsWith("status 1: 21 22"));
}

TEST_F(ProbeRunnerTest, AProbeThatWantsTooMuchMemoryIsRefusedIt) {
  // dd takes its block at once, and here never writes to it.
  const std::string reason = failure_of("exec dd if=/dev/null of=/dev/null status=none bs=2G");
  if (kAddressSpaceIsBounded) {
    EXPECT_THAT(reason, HasSubstr("ended with status 1: dd: memory exhausted"));
  } else {
    EXPECT_THAT(reason, EndsWith("0 sections where one belongs")) << "it had what it wanted";
  }
  EXPECT_THAT(failure_of("exec dd if=/dev/null of=/dev/null status=none bs=512M"),
              EndsWith("0 sections where one belongs"));
}

TEST_F(ProbeRunnerTest, LogsALookThatFailedOnceWithItsReason) {
  testing::internal::CaptureStderr();
  failure_of("echo 'cannot open /var' >&2; exit 3");
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(
      log,
      MatchesRegex("[^\n]* level=warning msg=\"a probe says\" probe=example "
                   "line=\"cannot open /var\"\n"
                   "[^\n]* level=warning msg=\"a look failed, what was seen before stays\" "
                   "probe=example reason=\"muster-probe-example ended with status 3: cannot open "
                   "/var\" milliseconds=[0-9]+\n"));
}

TEST_F(ProbeRunnerTest, ALookThatWentWellIsNoLineInTheLog) {
  testing::internal::CaptureStderr();
  look("cat " + file_of_section("web1"));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(ProbeRunnerTest, KillsAProbeThatHangsAndNamesTheLimit) {
  EXPECT_EQ(failure_of("exec sleep 600", 300ms), "muster-probe-example was killed after 300 ms");
}

TEST_F(ProbeRunnerTest, KillsTheChildrenOfAProbeThatHangs) {
  const std::string reason = failure_of("sleep 600 & echo child $! >&2; wait", 500ms);
  ASSERT_THAT(reason, MatchesRegex("muster-probe-example was killed after 500 ms: child [0-9]+"));
  EXPECT_TRUE(is_gone_soon(reason.substr(reason.rfind(' ') + 1)));
}

TEST_F(ProbeRunnerTest, DoesNotWaitForAChildThatKeepsThePipe) {
  const v1::Section section = look("sleep 600 & cat " + file_of_section("web1"));
  EXPECT_EQ(section.facts(), "web1") << section.reason();
}

TEST_F(ProbeRunnerTest, KillsAProbeThatFloodsItsOutput) {
  EXPECT_EQ(failure_of("exec cat /dev/zero"),
            "muster-probe-example wrote more than 4 MiB and was killed");
}

TEST_F(ProbeRunnerTest, TakesOutputUpToItsLimitAndNotAByteMore) {
  for (const size_t size : {100, 101}) {
    directory_.write("muster-probe-example", fmt::format("#!/bin/sh\nhead -c {} /dev/zero\n", size),
                     0755);
    LaunchRequest request;
    request.output_limit = 100;
    const LaunchResult given = launch(request);
    EXPECT_EQ(given.end,
              size > 100 ? LaunchResult::End::kTooMuchOutput : LaunchResult::End::kExited);
    EXPECT_EQ(given.output.size(), 100);
  }
}

TEST_F(ProbeRunnerTest, AFloodOfErrorsIsCutAndTheSectionCounts) {
  const v1::Section section =
      look("head -c 1000000 /dev/zero | tr '\\0' 'x' >&2; cat " + file_of_section("web1"));
  EXPECT_EQ(section.facts(), "web1") << section.reason();
}

TEST_F(ProbeRunnerTest, NamesStatusAndFirstLineOfAProbeThatFails) {
  EXPECT_EQ(failure_of("echo 'cannot open \033[31m/var' >&2; echo more >&2; exit 3"),
            "muster-probe-example ended with status 3: cannot open \\x1b[31m/var");
  EXPECT_EQ(failure_of("exit 3"), "muster-probe-example ended with status 3");
}

TEST_F(ProbeRunnerTest, NamesTheSignalOfAProbeThatCrashes) {
  EXPECT_EQ(failure_of("kill -SEGV $$"), "muster-probe-example was ended by SIGSEGV");
}

TEST_F(ProbeRunnerTest, NamesTheRuleThatAProbeBroke) {
  google::protobuf::LogSilencer quiet;
  EXPECT_THAT(failure_of("echo garbage"), HasSubstr("broke the probe contract: section 1"));
  EXPECT_THAT(failure_of("echo oops >&2"), EndsWith("0 sections where one belongs: oops"));
  const std::string file = file_of_section("x");
  EXPECT_THAT(failure_of(fmt::format("cat {0}; cat {0}", file)),
              EndsWith("2 sections where one belongs"));
  v1::Section other;
  other.set_probe("other");
  other.set_outcome(v1::OUTCOME_FAILED);
  other.set_reason("x");
  const auto print = [&] {
    const std::string bytes = other.SerializeAsString();
    return "cat " + directory_.write("other", static_cast<char>(bytes.size()) + bytes);
  };
  EXPECT_THAT(failure_of(print()), EndsWith("it says it is 'other'"));
  other.set_entity("other-host");
  EXPECT_THAT(failure_of(print()), EndsWith("it speaks for another entity than the host"));
}

TEST_F(ProbeRunnerTest, NamesTheMissingProgram) {
  EXPECT_EQ(look_at_what_is_there().reason(), "muster-probe-example is not installed at " +
                                                  directory_.path() + "/muster-probe-example");
  directory_.write("muster-probe-example", "no program", 0755);
  EXPECT_THAT(look_at_what_is_there().reason(), EndsWith("starting it: Exec format error"));
}

TEST_F(ProbeRunnerTest, AProbeCanWriteNoFileWithoutEnd) {
  // The first byte past the limit of 512 MiB, in a sparse file.
  const std::string file = directory_.path() + "/written";
  EXPECT_THAT(failure_of(fmt::format(
                  "dd if=/dev/zero of={} bs=1 count=1 seek=536870912 2>&1 || exit 4", file)),
              HasSubstr("status 4"));
}

TEST_F(ProbeRunnerTest, LooksSideBySide) {
  // Each is the first or waits for the second: one after the other would end in the time-out.
  directory_.write("muster-probe-example",
                   fmt::format("#!/bin/sh\nmkdir {0}/a || mkdir {0}/b\n"
                               "until test -d {0}/b; do sleep 0.01; done\n",
                               directory_.path()),
                   0755);
  int ended = 0;
  for (int i = 0; i < 2; ++i) {
    launcher_.launch({}, [&ended](const LaunchResult& result) {
      EXPECT_EQ(result.end, LaunchResult::End::kExited);
      ++ended;
    });
  }
  run_until([&ended] { return ended == 2; });
}

TEST_F(ProbeRunnerTest, WithoutALauncherTheSectionSaysSoUntilThereIsAnother) {
  const auto connect = test::forked_launcher(rows_, directory_.path());
  pid_t child = -1;
  Launcher launcher(context_, {.connect = [&]() -> absl::StatusOr<LauncherLink> {
                                 if (child < 0) {
                                   child = 0;
                                   return absl::NotFoundError("no launcher is installed");
                                 }
                                 absl::StatusOr<LauncherLink> link = connect();
                                 child = link->child;
                                 return link;
                               },
                               .table = table_digest(rows_),
                               .random = [] { return 0.0; }});
  ProbeRunner runner(launcher, clock_, directory_.path(), rows_);
  std::optional<v1::Section> given;
  const auto begin = [&] {
    given.reset();
    runner.look(kRow, 600s, [&given](v1::Section section) { given = std::move(section); });
  };
  const auto came = [&given] { return given.has_value(); };
  begin();
  run_until(came);
  EXPECT_EQ(given->reason(),
            "muster-probe-example was not run to its end: the launcher is gone: "
            "no launcher is installed");
  // The next attempt succeeds; then it is killed while a probe runs.
  run_until([&] { return launcher.facts().has_value(); });
  directory_.write("muster-probe-example",
                   "#!/bin/sh\nmkdir " + directory_.file("started") + "; exec sleep 600\n", 0755);
  begin();
  while (!std::filesystem::exists(directory_.file("started"))) {
    context_.restart();
    context_.run_for(10ms);
  }
  ::kill(child, SIGKILL);
  run_until(came);
  EXPECT_THAT(given->reason(), EndsWith("the launcher is gone: it was ended by signal 9"));
  const std::string file = file_of_section("web1");
  directory_.write("muster-probe-example", "#!/bin/sh\ncat " + file + "\n", 0755);
  do {
    begin();
    run_until(came);
  } while (given->outcome() != v1::OUTCOME_OBSERVED);
  EXPECT_EQ(given->facts(), "web1");
}

TEST_F(ProbeRunnerTest, ALauncherWithAnotherListOfProbesIsNotUsed) {
  Launcher launcher(context_, {.connect = test::forked_launcher(rows_, directory_.path()),
                               .table = table_digest(all_probes())});
  ProbeRunner runner(launcher, clock_, directory_.path(), rows_);
  std::optional<v1::Section> given;
  runner.look(kRow, 60s, [&given](v1::Section section) { given = std::move(section); });
  run_until([&given] { return given.has_value(); });
  EXPECT_THAT(given->reason(), EndsWith("it is of another version: restart both"));
}

TEST_F(ProbeRunnerTest, StoppingKillsWhatRunsAndCallsNobody) {
  const std::string started = directory_.path() + "/started";
  directory_.write(
      "muster-probe-example",
      "#!/bin/sh\necho $$ >" + directory_.file("pid") + "; mkdir " + started + "; exec sleep 600\n",
      0755);
  launcher_.launch({}, [](const LaunchResult&) { FAIL() << "called after the stop"; });
  while (!std::filesystem::exists(started)) {
    context_.restart();
    context_.run_for(10ms);
  }
  launcher_.stop();
  context_.restart();
  context_.run();
  EXPECT_TRUE(is_gone_soon(std::string(trim(directory_.read("pid")))));
}

}  // namespace
}  // namespace muster::agent
