// What commercial products answered, recorded: nobody here has them. Each says what kind of source
// it is from; what named a customer or a host was changed. Tests change single words of them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/probes/protection/product.h"
#include "tests/agent/probes/protection/product_world.h"

namespace muster::antivirus::test {

// Question and text.
using RecordedAnswer = std::pair<std::string, std::string>;

struct RecordedProduct {
  std::string_view product;
  protection::ReadProduct read;
  // By which it counts as installed.
  std::string_view directory;
  // With "processes", in which its daemon runs.
  std::vector<RecordedAnswer> answers;
};

std::span<const RecordedProduct> recorded_products();
const RecordedProduct& recorded(std::string_view product);

// What is said of a host that answers as recorded, but for these answers.
v1::ProtectionProduct read_recorded(std::string_view product,
                                    const std::vector<RecordedAnswer>& changed = {});

// The recorded answer with one text replaced by another, which must be there.
RecordedAnswer with(std::string_view product, std::string_view question, std::string_view from,
                    std::string_view to);
// Without the daemon.
RecordedAnswer nothing_runs();

}  // namespace muster::antivirus::test
