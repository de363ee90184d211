// This version's collector as a recording meets it: fleet and store, without gRPC. One thread.
#pragma once

#include <absl/status/statusor.h>
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "collector/fleet/fleet.h"
#include "collector/store/store_sqlite.h"
#include "collector/sync/sync_validation.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/policy/policy_file.h"
#include "muster/v1/reporting.pb.h"
#include "tests/compatibility/recorded_files.h"

namespace muster::compatibility {

// Fleet and store as the service uses them.
class RecordedCollector {
 public:
  RecordedCollector(const Clock& clock, const std::string& store_path) : clock_(clock) {
    auto opened = collector::StoreSqlite::open({.path = store_path});
    expect_ok(opened.status(), "opening the store");
    store_ = *std::move(opened);
    fleet_ = std::make_unique<collector::Fleet>(
        clock, *store_, std::make_shared<const policy::Policy>(policy::default_policy()));
  }

  void add_host(const std::string& id, const std::string& name,
                std::map<std::string, std::string> labels) {
    collector::HostRecord host;
    host.id = id;
    host.name = name;
    host.labels = std::move(labels);
    host.machine_id_hash = to_hex_of(name);
    host.enrolled_at = clock_.now();
    committed([&](auto done) { store_->add_host(host, std::move(done)); });
    fleet_->add_host(host);
  }

  void add_token(const std::string& name, uint32_t uses, uint32_t taken) {
    collector::TokenRecord token;
    token.sha256 = name;
    token.created_at = clock_.now();
    token.expires_at = clock_.now() + std::chrono::years(10);
    token.uses_left = uses;
    token.labels = {{"role", "web"}, {"site", "Köln"}};
    committed([&](auto done) { store_->put_token(token, std::move(done)); });
    for (uint32_t i = 0; i < taken; ++i) {
      std::promise<absl::Status> taken_one;
      store_->take_token(name, clock_.now(),
                         [&](const auto& result) { taken_one.set_value(result.status()); });
      expect_ok(taken_one.get_future().get(), "taking a token");
    }
  }

  absl::StatusOr<v1::SyncResponse> answer(const std::string& id, const v1::SyncRequest& request) {
    if (const auto rejection = collector::check_request(request)) return rejection->status;
    auto plan = fleet_->plan_sync(id, request);
    if (!plan.ok()) return plan.status();
    if (!plan->write.sections.empty()) {
      committed([&](auto done) { store_->commit_sync(plan->write, std::move(done)); });
    }
    fleet_->apply_sync(*plan, request);
    plan->response.set_next_sync_milliseconds(1000);
    return plan->response;
  }

  // What its timer does.
  void rejudge() { fleet_->rejudge_due(); }

  std::string detail(const std::string& name) const {
    const auto detail = fleet_->host_detail(name);
    expect_ok(detail.status(), "looking at the host");
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    options.add_whitespace = true;
    std::string json;
    const auto printed = google::protobuf::util::MessageToJsonString(*detail, &json, options);
    if (!printed.ok()) give_up("printing the host");
    return json;
  }

  // Writes what is written behind, and closes the store.
  void close() {
    committed(
        [&](auto done) { store_->commit_times(fleet_->take_dirty_times(), std::move(done)); });
    store_.reset();
  }

 private:
  static std::string to_hex_of(const std::string& text) {
    std::string hex;
    for (const unsigned char c : sha256(text).substr(0, 16))
      hex += fmt::format("{:02x}", c);
    return hex;
  }

  template <typename Write>
  static void committed(const Write& write) {
    std::promise<absl::Status> done;
    write([&](const absl::Status& status) { done.set_value(status); });
    expect_ok(done.get_future().get(), "committing");
  }

  const Clock& clock_;
  std::unique_ptr<collector::StoreSqlite> store_;
  std::unique_ptr<collector::Fleet> fleet_;
};

}  // namespace muster::compatibility
