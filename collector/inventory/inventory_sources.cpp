#include "collector/inventory/inventory_sources.h"

#include <optional>
#include <utility>

#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr SourceWords kWords = {.list = "inventory", .entries = "hosts"};

ListSource<Inventory> list_source(const InventorySource& source) {
  return {.name = source.name,
          .asked_every = source.http ? std::optional(source.interval) : std::nullopt,
          .read = [source](const std::stop_token& stop) { return read_source(source, stop); },
          .parse = [source](const std::string& text) { return parse_source(source, text); }};
}

std::vector<std::unique_ptr<SourceStanding<Inventory>>> make_standings(
    const std::vector<InventorySource>& sources, const std::string& state_directory,
    InventoryMetrics* metrics) {
  std::vector<std::unique_ptr<SourceStanding<Inventory>>> standings;
  for (const InventorySource& source : sources) {
    std::optional<SourceGauges> gauges;
    if (metrics != nullptr) gauges.emplace(metrics->source(source.name));
    standings.push_back(std::make_unique<SourceStanding<Inventory>>(list_source(source), kWords,
                                                                    state_directory, gauges));
  }
  return standings;
}

}  // namespace

InventorySources::InventorySources(const std::vector<InventorySource>& sources,
                                   const std::string& state_directory, const Clock& clock,
                                   InventoryMetrics* metrics, const Publish& publish)
    : sources_(make_standings(sources, state_directory, metrics), clock,
               [publish](const ListSources<Inventory>::Contents& contents) {
                 auto inventory = std::make_shared<Inventory>();
                 for (const std::shared_ptr<const Inventory>& content : contents)
                   inventory->put_over(*content);
                 publish(std::move(inventory));
               }) {}

std::vector<v1::InventorySource> InventorySources::describe() const {
  std::vector<v1::InventorySource> described;
  for (const SourceState& state : sources_.states()) {
    v1::InventorySource& source = described.emplace_back();
    source.set_name(state.name);
    source.set_hosts(static_cast<uint32_t>(state.entries));
    if (state.last_success) *source.mutable_last_success_at() = to_proto(*state.last_success);
    if (state.status) source.set_error(std::string(state.status->message()));
  }
  return described;
}

void remove_other_inventories(const std::string& state_directory,
                              const std::vector<InventorySource>& sources) {
  std::vector<std::string> names;
  for (const InventorySource& source : sources)
    names.push_back(source.name);
  HeldTexts(state_directory, kWords.list).remove_others(names);
}

}  // namespace muster::collector
