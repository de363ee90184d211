// Which hosts a site says it has, and their labels: one table out of all sources. A plain value,
// shared read-only once it is made.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "common/labels.h"

namespace muster::collector {

class Inventory {
 public:
  using Hosts = std::map<std::string, Labels, std::less<>>;

  Inventory() = default;
  explicit Inventory(Hosts hosts) : hosts_(std::move(hosts)) {}

  // By name. A host may be listed without labels.
  const Hosts& hosts() const { return hosts_; }
  size_t size() const { return hosts_.size(); }
  bool operator==(const Inventory&) const = default;
  // Null: it is not listed.
  const Labels* find(std::string_view host) const;
  // Adds the other's hosts; where both name a host, the other's labels win one by one.
  void put_over(const Inventory& other);

 private:
  Hosts hosts_;
};

// The labels of a host: its token's, and over them the inventory's.
Labels effective_labels(const Labels& of_token, const Inventory& inventory, std::string_view host);

}  // namespace muster::collector
