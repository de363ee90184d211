// The sources of an inventory that come, change, fail and come back.
#include "collector/inventory/inventory_sources.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/collector/fakes.h"
#include "tests/collector/http_client/raw_server.h"
#include "tests/collector/http_client/tls_server.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const Inventory::Hosts web1_in_fra = {{"web1", {{"site", "fra"}}}};
const Inventory::Hosts web1_in_ams = {{"web1", {{"site", "ams"}}}};

std::string as_json(const std::string& site) {
  return fmt::format(R"([{{"targets": ["web1"], "labels": {{"site": "{}"}}}}])", site);
}

class InventorySourcesTest : public testing::Test {
 protected:
  InventorySource file(const std::string& name) const {
    InventorySource source{.name = directory_.file(name), .file = directory_.file(name)};
    source.format = *inventory_format_of(name);
    return source;
  }

  InventorySource server(uint16_t port) const {
    InventorySource source{.name = "http://127.0.0.1/hosts", .file = {}};
    source.http.emplace().url = {.tls = false, .host = "127.0.0.1", .port = port, .target = "/"};
    return source;
  }

  // As a collector that starts now.
  std::unique_ptr<InventorySources> start(const std::vector<InventorySource>& list) {
    metrics_.emplace(registry_.emplace());
    auto sources = std::make_unique<InventorySources>(
        list, state_.path(), clock_, &*metrics_, [this](std::shared_ptr<const Inventory> table) {
          const std::lock_guard guard(mutex_);
          table_ = std::move(table);
        });
    sources->load();
    sources->start();
    return sources;
  }

  Inventory::Hosts table() {
    const std::lock_guard guard(mutex_);
    return table_ == nullptr ? Inventory::Hosts() : table_->hosts();
  }

  void wait_for(const Inventory::Hosts& hosts) {
    while (table() != hosts)
      std::this_thread::yield();
  }
  static std::string error_of(const InventorySources& sources) {
    return sources.describe().front().error();
  }
  static void wait_for_error(const InventorySources& sources) {
    while (error_of(sources).empty())
      std::this_thread::yield();
  }

  double metric(const std::string& name) {
    for (const auto& family : registry_->Collect()) {
      if (family.name == name) return family.metric.at(0).gauge.value;
    }
    return -1;
  }

  FakeClock clock_;
  test::TemporaryDirectory directory_;
  test::TemporaryDirectory state_;
  std::optional<prometheus::Registry> registry_;
  std::optional<InventoryMetrics> metrics_;
  std::mutex mutex_;
  std::shared_ptr<const Inventory> table_;
};

TEST_F(InventorySourcesTest, OfFilesAreThereAtTheStartAndLaterOnesWin) {
  directory_.write("a.csv", "host,site,role\nweb1,fra,web\n");
  directory_.write("b.yml", "hosts: {web1: {site: ams}, db1: {}}");
  const auto sources = start({file("a.csv"), file("b.yml")});
  EXPECT_EQ(table(), (Inventory::Hosts{{"db1", {}}, {"web1", {{"role", "web"}, {"site", "ams"}}}}));
  EXPECT_EQ(metric("muster_inventory_last_load_successful"), 1);
  EXPECT_EQ(metric("muster_inventory_last_success_timestamp_seconds"), 1'800'000'000);
  EXPECT_EQ(sources->describe().at(0).hosts(), 1U);
  EXPECT_EQ(sources->describe().at(1).hosts(), 2U);
}

TEST_F(InventorySourcesTest, OfFilesAreReadAgainAtAReload) {
  directory_.write("a.csv", "host,site\nweb1,fra\n");
  const auto sources = start({file("a.csv")});
  directory_.write("a.csv", "host,site\nweb1,ams\n");
  EXPECT_EQ(table(), web1_in_fra);
  EXPECT_TRUE(sources->reload().ok());
  EXPECT_EQ(table(), web1_in_ams);
}

TEST_F(InventorySourcesTest, ThatBreakKeepWhatTheySaidLast) {
  directory_.write("a.csv", "host,site\nweb1,fra\n");
  const auto sources = start({file("a.csv")});
  clock_.advance(std::chrono::hours(1));
  directory_.write("a.csv", "host,site\nweb1\n");
  EXPECT_THAT(std::string(sources->reload().message()), HasSubstr("a.csv:2:1: "));
  EXPECT_EQ(table(), web1_in_fra);
  EXPECT_THAT(error_of(*sources), HasSubstr("a.csv:2:1: "));
  EXPECT_EQ(metric("muster_inventory_last_load_successful"), 0);
  EXPECT_EQ(metric("muster_inventory_last_success_timestamp_seconds"), 1'800'000'000);
  EXPECT_EQ(metric("muster_inventory_hosts"), 1);
  directory_.write("a.csv", "host,site\nweb1,ams\n");
  EXPECT_TRUE(sources->reload().ok());
  EXPECT_EQ(table(), web1_in_ams);
  EXPECT_THAT(error_of(*sources), IsEmpty());
  EXPECT_EQ(metric("muster_inventory_last_success_timestamp_seconds"), 1'800'003'600);
}

TEST_F(InventorySourcesTest, ThatAreGoneAtAStartHoldWhatTheySaidBefore) {
  directory_.write("a.csv", "host,site\nweb1,fra\n");
  start({file("a.csv")}).reset();
  std::filesystem::remove(directory_.file("a.csv"));
  clock_.advance(std::chrono::hours(1));
  const auto sources = start({file("a.csv")});
  EXPECT_EQ(table(), web1_in_fra);
  EXPECT_THAT(error_of(*sources), HasSubstr("No such file"));
  EXPECT_EQ(metric("muster_inventory_last_load_successful"), 0);
  EXPECT_EQ(metric("muster_inventory_last_success_timestamp_seconds"), 1'800'000'000);
}

TEST_F(InventorySourcesTest, ThatWereNeverThereAreEmpty) {
  const auto sources = start({file("a.csv")});
  EXPECT_THAT(table(), IsEmpty());
  EXPECT_EQ(metric("muster_inventory_last_success_timestamp_seconds"), 0);
  EXPECT_FALSE(sources->describe().front().has_last_success_at());
}

TEST_F(InventorySourcesTest, WhoseHeldTextIsBrokenAreEmpty) {
  const InventorySource source = file("a.csv");
  const HeldTexts texts(state_.path(), "inventory");
  ASSERT_TRUE(texts.hold(source.name, {.text = "host\n-\n", .loaded_at = clock_.now()}).ok());
  const auto sources = start({source});
  EXPECT_THAT(table(), IsEmpty());
}

TEST_F(InventorySourcesTest, WithoutACollectorWriteNothing) {
  directory_.write("a.csv", "host,site\nweb1,fra\n");
  Inventory::Hosts hosts;
  InventorySources sources({file("a.csv")}, state_.path(), clock_, nullptr,
                           [&hosts](const auto& table) { hosts = table->hosts(); });
  sources.load();
  EXPECT_EQ(hosts, web1_in_fra);
  EXPECT_TRUE(std::filesystem::is_empty(state_.path()));
}

TEST_F(InventorySourcesTest, OfServersComeSoonAfterTheStartAndAtAReload) {
  std::atomic<bool> moved = false;
  http::RunningServer peer([&moved](const http::Request&, const http::Respond& respond) {
    respond({.content_type = "application/json", .body = as_json(moved ? "ams" : "fra")});
  });
  const auto sources = start({server(port_of(peer.address()))});
  wait_for(web1_in_fra);
  moved = true;
  EXPECT_TRUE(sources->reload().ok());
  wait_for(web1_in_ams);
}

TEST_F(InventorySourcesTest, OfServersAreAskedAgainAfterTheirInterval) {
  std::atomic<int> asked = 0;
  http::RunningServer peer([&asked](const http::Request&, const http::Respond& respond) {
    respond({.content_type = "application/json", .body = as_json(++asked > 2 ? "ams" : "fra")});
  });
  InventorySource source = server(port_of(peer.address()));
  source.interval = std::chrono::milliseconds(1);
  const auto sources = start({source});
  wait_for(web1_in_ams);
}

TEST_F(InventorySourcesTest, OfServersThatFailKeepWhatTheySaidLastAlsoOverARestart) {
  std::atomic<bool> fails = false;
  http::RunningServer peer([&fails](const http::Request&, const http::Respond& respond) {
    respond({.status = fails ? 500 : 200,
             .content_type = "application/json",
             .body = fails ? "oops" : as_json("fra")});
  });
  const InventorySource source = server(port_of(peer.address()));
  {
    const auto sources = start({source});
    wait_for(web1_in_fra);
    fails = true;
    EXPECT_TRUE(sources->reload().ok()) << "a server's answer comes later";
    wait_for_error(*sources);
    EXPECT_EQ(error_of(*sources), "it answers 500 Internal Server Error");
    EXPECT_EQ(table(), web1_in_fra);
  }
  table_ = nullptr;
  const auto sources = start({source});
  EXPECT_EQ(table(), web1_in_fra) << "at once, before the server is asked";
  wait_for_error(*sources);
  EXPECT_EQ(table(), web1_in_fra);
}

TEST_F(InventorySourcesTest, OfASlowServerDelayNobodyAndNoEnd) {
  directory_.write("a.csv", "host,site\nweb1,fra\n");
  RawServer silent("");
  const auto sources = start({server(silent.port()), file("a.csv")});
  EXPECT_EQ(table(), web1_in_fra);
  while (silent.requests() == 0)
    std::this_thread::yield();
  directory_.write("a.csv", "host,site\nweb1,ams\n");
  EXPECT_TRUE(sources->reload().ok());
  EXPECT_EQ(table(), web1_in_ams);
  sources->stop();
  EXPECT_EQ(sources->describe().front().error(), "") << "it was given up, it did not fail";
}

}  // namespace
}  // namespace muster::collector
