// One look of the probes "antivirus" and "intrusion-detection": all rows of a list are asked, and
// what is there is put in order and bounded. Calls block; one thread.
#pragma once

#include <span>
#include <string>

#include "agent/probes/protection/product.h"
#include "muster/v1/section.pb.h"

namespace muster::protection {

inline constexpr int kMostProblems = 20;

// The facts are of the type `Facts`: v1::AntivirusFacts or v1::IntrusionDetectionFacts. `root` as
// in a checked request.
template <typename Facts>
v1::Section look_at_products(const std::string& root, std::span<const ProductRow> rows,
                             const probe::HostAnswers& answers, TimePoint now);

extern template v1::Section look_at_products<v1::AntivirusFacts>(const std::string&,
                                                                 std::span<const ProductRow>,
                                                                 const probe::HostAnswers&,
                                                                 TimePoint);
extern template v1::Section look_at_products<v1::IntrusionDetectionFacts>(
    const std::string&, std::span<const ProductRow>, const probe::HostAnswers&, TimePoint);

}  // namespace muster::protection
