// The sources of targets that come, change, fail and come back.
#include "collector/targets/target_sources.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <thread>

#include "tests/collector/fakes.h"
#include "tests/collector/http_client/tls_server.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Names = std::vector<std::string>;

std::string as_yaml(const std::string& address) {
  return fmt::format("targets: [{{kind: tcp, address: '{}'}}]", address);
}

std::string as_json(const std::string& addresses) {
  return fmt::format(R"([{{"targets": [{}], "labels": {{"__muster_kind": "tcp"}}}}])", addresses);
}

http::Response json(std::string body) {
  return {.content_type = "application/json", .body = std::move(body)};
}

class TargetSourcesTest : public testing::Test {
 protected:
  TargetsConfig files(const std::string& pattern) const {
    TargetsConfig config;
    config.files = {directory_.file(pattern)};
    return config;
  }

  static TargetServer server(uint16_t port, const std::string& path = "/") {
    TargetServer server;
    server.name = "http://127.0.0.1" + path;
    server.http.url = {.tls = false, .host = "127.0.0.1", .port = port, .target = path};
    return server;
  }

  // As a collector that starts now.
  std::unique_ptr<TargetSources> start(const TargetsConfig& config) {
    metrics_.emplace(registry_.emplace());
    table_ = nullptr;
    published_ = 0;
    auto sources =
        std::make_unique<TargetSources>(config, state_.path(), clock_, &*metrics_,
                                        [this](std::shared_ptr<const TargetTable> table) {
                                          const std::lock_guard guard(mutex_);
                                          table_ = std::move(table);
                                          ++published_;
                                        });
    sources->load();
    sources->start();
    return sources;
  }

  std::shared_ptr<const TargetTable> table() {
    const std::lock_guard guard(mutex_);
    return table_;
  }
  Names names() {
    Names names;
    const std::shared_ptr<const TargetTable> held = table();
    for (const auto& [name, target] : held->targets())
      names.push_back(name);
    return names;
  }
  void wait_for(const Names& expected) {
    while (names() != expected)
      std::this_thread::yield();
  }
  static std::string error_of(const TargetSources& sources) {
    const std::optional<absl::Status> status = sources.describe().front().status;
    return status ? std::string(status->message()) : "";
  }
  static void wait_for_error(const TargetSources& sources) {
    while (error_of(sources).empty())
      std::this_thread::yield();
  }

  double metric(const std::string& name, const std::string& source) {
    for (const auto& family : registry_->Collect()) {
      if (family.name != name) continue;
      for (const auto& metric : family.metric) {
        if (metric.label.at(0).value == source) return metric.gauge.value;
      }
    }
    return -1;
  }

  FakeClock clock_;
  test::TemporaryDirectory directory_;
  test::TemporaryDirectory state_;
  std::optional<prometheus::Registry> registry_;
  std::optional<TargetSourceMetrics> metrics_;
  std::mutex mutex_;
  std::shared_ptr<const TargetTable> table_;
  int published_ = 0;
};

TEST_F(TargetSourcesTest, OfNothingAreAnEmptyTable) {
  const auto sources = start({});
  EXPECT_TRUE(sources->empty());
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(TargetSourcesTest, OfFilesAreThereAtTheStartAndReadAgainAtAReload) {
  directory_.write("a.yml", as_yaml("a:1"));
  const auto sources = start(files("*.yml"));
  EXPECT_FALSE(sources->empty());
  EXPECT_THAT(names(), ElementsAre("a:1"));
  EXPECT_EQ(metric("muster_target_source_targets", "files"), 1);
  EXPECT_EQ(metric("muster_target_source_last_load_successful", "files"), 1);
  EXPECT_EQ(metric("muster_target_source_last_success_timestamp_seconds", "files"), 1'800'000'000);
  directory_.write("b.yml", as_yaml("b:1"));
  EXPECT_THAT(names(), ElementsAre("a:1"));
  EXPECT_TRUE(sources->reload().ok());
  EXPECT_THAT(names(), ElementsAre("a:1", "b:1"));
  EXPECT_EQ(table()->find("b:1")->place, directory_.file("b.yml") + ":1:11");
}

TEST_F(TargetSourcesTest, AreHandedOnOnlyWhenTheyChange) {
  directory_.write("a.yml", as_yaml("a:1"));
  const auto sources = start(files("*.yml"));
  EXPECT_EQ(published_, 1);
  EXPECT_TRUE(sources->reload().ok());
  EXPECT_EQ(published_, 1);
  directory_.write("a.yml", "\n" + as_yaml("a:1"));
  EXPECT_TRUE(sources->reload().ok());
  EXPECT_EQ(published_, 2) << "people are told where it is listed";
}

TEST_F(TargetSourcesTest, OfFilesThatBreakKeepWhatTheySaidLastAlsoOverARestart) {
  directory_.write("a.yml", as_yaml("a:1"));
  directory_.write("b.yml", as_yaml("b:1"));
  auto sources = start(files("*.yml"));
  clock_.advance(std::chrono::hours(1));
  directory_.write("a.yml", as_yaml("c:1"));
  directory_.write("b.yml", as_yaml("c:1"));
  EXPECT_THAT(std::string(sources->reload().message()),
              HasSubstr("b.yml:1:11: the target c:1 is listed already, at "));
  EXPECT_THAT(names(), ElementsAre("a:1", "b:1"));
  EXPECT_EQ(metric("muster_target_source_last_load_successful", "files"), 0);
  EXPECT_EQ(metric("muster_target_source_last_success_timestamp_seconds", "files"), 1'800'000'000);
  EXPECT_EQ(metric("muster_target_source_targets", "files"), 2);
  sources.reset();
  sources = start(files("*.yml"));
  EXPECT_THAT(names(), ElementsAre("a:1", "b:1"));
  EXPECT_THAT(error_of(*sources), HasSubstr("is listed already"));
  EXPECT_EQ(table()->find("b:1")->place, directory_.file("b.yml") + ":1:11");
  directory_.write("b.yml", as_yaml("d:1"));
  EXPECT_TRUE(sources->reload().ok());
  EXPECT_THAT(names(), ElementsAre("c:1", "d:1"));
}

TEST_F(TargetSourcesTest, OfAGlobWithoutFilesAreNoneAndOfAPathThatIsMissingAFault) {
  auto sources = start(files("*.yml"));
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_THAT(error_of(*sources), IsEmpty());
  sources = start(files("a.yml"));
  EXPECT_THAT(error_of(*sources), HasSubstr("No such file"));
}

TEST_F(TargetSourcesTest, OfServersComeSoonAfterTheStartAndAtAReload) {
  std::atomic<bool> moved = false;
  http::RunningServer peer([&moved](const http::Request&, const http::Respond& respond) {
    respond(json(as_json(moved ? R"("b:1")" : R"("a:1")")));
  });
  TargetsConfig config;
  config.servers = {server(port_of(peer.address()))};
  const auto sources = start(config);
  wait_for({"a:1"});
  moved = true;
  EXPECT_TRUE(sources->reload().ok());
  wait_for({"b:1"});
}

TEST_F(TargetSourcesTest, OfServersThatFailKeepWhatTheySaidLastAlsoOverARestart) {
  std::atomic<bool> fails = false;
  http::RunningServer peer([&fails](const http::Request&, const http::Respond& respond) {
    http::Response response = json(fails ? "oops" : as_json(R"("a:1")"));
    response.status = fails ? 500 : 200;
    respond(response);
  });
  TargetsConfig config;
  config.servers = {server(port_of(peer.address()))};
  {
    const auto sources = start(config);
    wait_for({"a:1"});
    fails = true;
    EXPECT_TRUE(sources->reload().ok()) << "a server's answer comes later";
    wait_for_error(*sources);
    EXPECT_EQ(error_of(*sources), "it answers 500 Internal Server Error");
    EXPECT_THAT(names(), ElementsAre("a:1"));
  }
  const auto sources = start(config);
  EXPECT_THAT(names(), ElementsAre("a:1")) << "at once, before the server is asked";
  wait_for_error(*sources);
  EXPECT_THAT(names(), ElementsAre("a:1"));
}

TEST_F(TargetSourcesTest, AreCompleteOnceEachHasSaidSomething) {
  std::atomic<bool> fails = true;
  http::RunningServer peer([&fails](const http::Request&, const http::Respond& respond) {
    http::Response response = json(as_json(R"("a:1")"));
    if (fails) response.status = 500;
    respond(response);
  });
  directory_.write("a.yml", as_yaml("b:1"));
  TargetsConfig config = files("a.yml");
  config.servers = {server(port_of(peer.address()))};
  {
    const auto sources = start(config);
    while (!sources->describe().back().status)
      std::this_thread::yield();
    EXPECT_FALSE(sources->complete());
    fails = false;
    EXPECT_TRUE(sources->reload().ok());
    wait_for({"a:1", "b:1"});
    EXPECT_TRUE(sources->complete());
    fails = true;
  }
  EXPECT_TRUE(start(config)->complete()) << "by what it said before";
  EXPECT_TRUE(start({})->complete());
}

TEST_F(TargetSourcesTest, OfAServerThatAnswersAnEmptyListAreNone) {
  std::atomic<bool> empty = false;
  http::RunningServer peer([&empty](const http::Request&, const http::Respond& respond) {
    respond(json(empty ? "[]" : as_json(R"("a:1", "b:1")")));
  });
  TargetsConfig config;
  config.servers = {server(port_of(peer.address()))};
  const auto sources = start(config);
  wait_for({"a:1", "b:1"});
  empty = true;
  EXPECT_TRUE(sources->reload().ok());
  wait_for({});
}

TEST_F(TargetSourcesTest, AreTheFirstsThatListsANameAndTheOthersAreCounted) {
  directory_.write("a.yml", as_yaml("a:1"));
  http::RunningServer peer([](const http::Request& request, const http::Respond& respond) {
    respond(json(request.path == "/one" ? as_json(R"("a:1", "b:1")")
                                        : as_json(R"("b:1", "a:1", "c:1")")));
  });
  TargetsConfig config = files("a.yml");
  const uint16_t port = port_of(peer.address());
  config.servers = {server(port, "/one"), server(port, "/two")};
  const auto sources = start(config);
  wait_for({"a:1", "b:1", "c:1"});
  while (metric("muster_target_source_targets_left_out", "http://127.0.0.1/two") != 2)
    std::this_thread::yield();
  EXPECT_EQ(metric("muster_target_source_targets_left_out", "http://127.0.0.1/one"), 1);
  EXPECT_EQ(metric("muster_target_source_targets_left_out", "files"), 0);
  EXPECT_EQ(table()->find("a:1")->place, directory_.file("a.yml") + ":1:11");
  EXPECT_EQ(table()->find("b:1")->place, "http://127.0.0.1/one");
}

TEST_F(TargetSourcesTest, WithoutACollectorWriteNothing) {
  directory_.write("a.yml", as_yaml("a:1"));
  size_t count = 0;
  TargetSources sources(files("a.yml"), state_.path(), clock_, nullptr,
                        [&count](const auto& table) { count = table->targets().size(); });
  sources.load();
  EXPECT_EQ(count, 1U);
  EXPECT_TRUE(std::filesystem::is_empty(state_.path()));
}

TEST_F(TargetSourcesTest, ThatAreNoMoreLeaveNothingOnDisk) {
  directory_.write("a.yml", as_yaml("a:1"));
  start(files("a.yml")).reset();
  EXPECT_FALSE(std::filesystem::is_empty(state_.path()));
  start({}).reset();
  EXPECT_TRUE(std::filesystem::is_empty(state_.path()));
}

}  // namespace
}  // namespace muster::collector
