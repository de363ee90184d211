#include "collector/inventory/inventory_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "common/text.h"

namespace muster::collector {
namespace {

InventorySource read_source_settings(YamlMap& map, const Beside& beside) {
  InventorySource source;
  const std::optional<std::string> file = map.text("file");
  const std::optional<std::string> url = map.text("url");
  if (file.has_value() == url.has_value()) {
    map.complain("file", "a source is either a `file` or a `url`");
  }
  if (url) {
    source.interval = read_asking_interval(map, source.interval);
    source.http = read_http_source(map, *url, beside);
    source.name = source.http->url.shown();
  } else if (file) {
    source.file = source.name = beside(*file);
    const std::optional<InventoryFormat> format = inventory_format_of(*file);
    if (format) source.format = *format;
    if (!format) {
      map.complain("file", "its name must end with .yml, .csv or .json, which says how to read it");
    }
    if (source.name.find('\n') != std::string::npos) map.complain("file", "it has a line break");
  }
  return source;
}

}  // namespace

std::vector<InventorySource> read_inventory_sources(YamlMap& root, const Beside& beside) {
  std::vector<InventorySource> sources;
  for (YamlMap& map : root.maps("inventory")) {
    InventorySource source = read_source_settings(map, beside);
    const bool known = std::any_of(sources.begin(), sources.end(), [&source](const auto& other) {
      return other.name == source.name;
    });
    if (known) {
      map.complain(source.http ? "url" : "file",
                   fmt::format("{} is a source already (a URL's query does not tell them apart)",
                               printable(source.name, 200)));
    }
    sources.push_back(std::move(source));
  }
  if (sources.size() > kMostInventorySources) {
    root.complain("inventory", fmt::format("at most {} sources", kMostInventorySources));
  }
  return sources;
}

std::vector<std::string*> paths_of(InventorySource& source) {
  if (!source.http) return {&source.file};
  return paths_of(*source.http);
}

}  // namespace muster::collector
