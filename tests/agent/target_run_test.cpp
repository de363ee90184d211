// A probe over a batch of targets, as small shell scripts: each section counts as it comes, and
// what was not asked for does not.
#include "agent/launcher/target_run.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>

#include "agent/launcher/launcher_protocol.h"
#include "agent/launcher/probe_runner.h"
#include "common/timestamp.h"
#include "tests/agent/forked_launcher.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr ProbeRow kRow{.name = "tcp",
                        .program = "muster-probe-tcp",
                        .sandbox = {.reach = SandboxDeclaration::Reach::kNetwork}};

v1::TargetBatch batch_of(const std::vector<std::string>& entities) {
  v1::TargetBatch batch;
  for (const std::string& entity : entities) {
    v1::TargetLook& look = *batch.add_looks();
    look.set_entity(entity);
    look.set_address(entity + ".example.org:443");
  }
  return batch;
}

// As the probe writes it.
std::string section_of(const std::string& entity, const std::string& reason = "it hung up",
                       const std::string& probe = "tcp") {
  v1::Section section;
  section.set_probe(probe);
  section.set_entity(entity);
  section.set_outcome(v1::OUTCOME_FAILED);
  section.set_reason(reason);
  const std::string bytes = section.SerializeAsString();
  return static_cast<char>(bytes.size()) + bytes;
}

class TargetRunTest : public ::testing::Test {
 protected:
  // Has this script look at the batch, until it ends; why it failed.
  std::string look_at(const v1::TargetBatch& batch, const std::string& script,
                      Duration timeout = 60s) {
    directory_.write("muster-probe-tcp", "#!/bin/sh\n" + script + "\n", 0755);
    std::optional<std::string> why;
    runner_.look_at(
        kRow, timeout, batch, [this](v1::Section section) { take(std::move(section)); },
        [&why](const std::string& reason) { why = reason; });
    const auto deadline = std::chrono::steady_clock::now() + 100s;
    while (!why && std::chrono::steady_clock::now() < deadline) {
      context_.restart();
      context_.run_one_for(1s);
    }
    return why.value_or("it never ended");
  }

  void take(v1::Section section) {
    taken_.push_back(section.entity());
    sections_.push_back(std::move(section));
    std::ofstream(directory_.file("taken-" + taken_.back())).flush();
  }

  // A command that prints these bytes.
  std::string print(const std::string& bytes) {
    return "cat " + directory_.write(fmt::format("output-{}", ++outputs_), bytes);
  }

  test::TemporaryDirectory directory_;
  boost::asio::io_context context_;
  SystemClock clock_;
  const std::span<const ProbeRow> rows_{&kRow, 1};
  Launcher launcher_{
      context_,
      {.connect = test::forked_launcher(rows_, directory_.path()), .table = table_digest(rows_)}};
  ProbeRunner runner_{launcher_, clock_, directory_.path(), rows_};
  std::vector<std::string> taken_;
  std::vector<v1::Section> sections_;
  int outputs_ = 0;
};

TEST_F(TargetRunTest, GivesTheProbeItsBatch) {
  const v1::TargetBatch batch = batch_of({"shop", "mail"});
  EXPECT_EQ(look_at(batch, "cat /proc/self/fd/99 > " + directory_.file("seen")), "");
  std::ifstream seen(directory_.file("seen"));
  v1::TargetBatch read;
  ASSERT_TRUE(read.ParseFromIstream(&seen));
  EXPECT_EQ(read.SerializeAsString(), batch.SerializeAsString());
}

TEST_F(TargetRunTest, ASlowTargetKeepsNoOthersSectionWaiting) {
  // The second half comes only once what came before it was taken.
  const std::string mail = section_of("mail");
  EXPECT_EQ(look_at(batch_of({"shop", "mail"}),
                    fmt::format("{}; until test -e {}; do sleep 0.01; done; {}",
                                print(section_of("shop") + mail.substr(0, 5)),
                                directory_.file("taken-shop"), print(mail.substr(5)))),
            "");
  EXPECT_THAT(taken_, ElementsAre("shop", "mail"));
  EXPECT_EQ(runner_.counts_of("tcp").runs, 1);
  EXPECT_EQ(runner_.counts_of("tcp").failures, 0);
}

TEST_F(TargetRunTest, WhatCameBeforeAProbeEndedBadlyCounts) {
  const v1::TargetBatch batch = batch_of({"shop", "mail"});
  const std::string shop = print(section_of("shop"));
  EXPECT_EQ(look_at(batch, shop + "; echo no memory >&2; exit 3"),
            "muster-probe-tcp ended with status 3: no memory");
  EXPECT_EQ(look_at(batch, shop + "; kill -SEGV $$"), "muster-probe-tcp was ended by SIGSEGV");
  EXPECT_EQ(look_at(batch, shop + "; exec sleep 600", 500ms),
            "muster-probe-tcp was killed after 500 ms");
  EXPECT_EQ(look_at(batch, print(section_of("shop") + section_of("mail").substr(0, 5))),
            "muster-probe-tcp broke the probe contract: half a section");
  EXPECT_THAT(taken_, ElementsAre("shop", "shop", "shop", "shop"));
  EXPECT_EQ(runner_.counts_of("tcp").failures, 4);
}

TEST_F(TargetRunTest, TakesNothingThatWasNotAskedForAndNothingAfterIt) {
  const v1::TargetBatch batch = batch_of({"shop", "mail"});
  const std::string why = "muster-probe-tcp broke the probe contract: ";
  const std::string mail = section_of("mail");
  EXPECT_EQ(look_at(batch, print(section_of("bank") + mail)),
            why + "a section of 'bank', which was not asked for or had been told of");
  EXPECT_EQ(look_at(batch, print(section_of("") + mail)),
            why + "a section of '', which was not asked for or had been told of")
      << "it does not speak for the host";
  EXPECT_EQ(look_at(batch, print(section_of("shop", "x", "host") + mail)),
            why + "it says it is 'host'");
  EXPECT_THAT(look_at(batch, print(section_of("shop", "") + mail)), HasSubstr("no reason"));
  EXPECT_THAT(look_at(batch, print("\xff\xff\xff\xff\x0f" + mail)), HasSubstr("bytes announced"));
  EXPECT_THAT(look_at(batch, print(std::string(11, '\xff'))), EndsWith("no size before it"));
  EXPECT_THAT(taken_, IsEmpty());
  EXPECT_EQ(look_at(batch, print(section_of("shop") + section_of("shop") + mail)),
            why + "a section of 'shop', which was not asked for or had been told of");
  EXPECT_THAT(taken_, ElementsAre("shop"));
}

TEST_F(TargetRunTest, KillsAProbeThatFloodsItsOutput) {
  const v1::TargetBatch batch = batch_of({"shop"});
  EXPECT_THAT(look_at(batch, "exec cat /dev/zero"),
              EndsWith("broke the probe contract: section 1: unknown outcome 0"));
  EXPECT_THAT(look_at(batch, print("\x80\x80\x20") + "; exec cat /dev/zero"),
              EndsWith("section 1: not a muster.v1.Section"))
      << "half a MiB is announced, and comes";
}

TEST_F(TargetRunTest, ALookWasDuringTheRun) {
  std::string script;
  for (const auto& [entity, seconds] :
       {std::pair("shop", int64_t{1}), std::pair("mail", int64_t{99'999'999'999})}) {
    v1::Section section;
    section.set_probe("tcp");
    section.set_entity(entity);
    section.set_outcome(v1::OUTCOME_FAILED);
    section.set_reason("x");
    section.mutable_observed_at()->set_seconds(seconds);
    const std::string bytes = section.SerializeAsString();
    script += print(static_cast<char>(bytes.size()) + bytes) + "\n";
  }
  const TimePoint before = clock_.now();
  EXPECT_EQ(look_at(batch_of({"shop", "mail"}), script), "");
  ASSERT_THAT(taken_, ElementsAre("shop", "mail"));
  for (const v1::Section& section : sections_) {
    EXPECT_GE(from_proto(section.observed_at()), before) << section.entity();
    EXPECT_LE(from_proto(section.observed_at()), clock_.now()) << section.entity();
  }
}

TEST_F(TargetRunTest, WithoutALauncherItSaysSo) {
  Launcher launcher(context_, {.connect = [] { return absl::UnavailableError("nobody listens"); },
                               .table = table_digest(rows_)});
  ProbeRunner runner(launcher, clock_, directory_.path(), rows_);
  std::string why;
  runner.look_at(
      kRow, 60s, batch_of({"shop"}), [](const v1::Section&) { FAIL(); },
      [&why](const std::string& reason) { why = reason; });
  while (why.empty())
    context_.run_one();
  EXPECT_THAT(why, HasSubstr("muster-probe-tcp was not run to its end: the launcher is gone"));
}

}  // namespace
}  // namespace muster::agent
