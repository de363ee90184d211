#include "agent/probes/protection/product_look.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "agent/probes/probe_program.h"
#include "agent/probes/protection/product_facts.h"

namespace muster::protection {

template <typename Facts>
v1::Section look_at_products(const std::string& root, std::span<const ProductRow> rows,
                             const probe::HostAnswers& answers, TimePoint now) {
  std::vector<std::string> problems;
  const ProductLook look{.root = root, .answers = answers, .now = now, .problems = problems};
  std::vector<v1::ProtectionProduct> products;
  for (const ProductRow& row : rows) {
    std::optional<v1::ProtectionProduct> product = row.read(look);
    if (!product) continue;
    product->set_product(std::string(row.product));
    product->set_name(std::string(row.name));
    bound(*product);
    products.push_back(*std::move(product));
  }
  std::sort(products.begin(), products.end(),
            [](const v1::ProtectionProduct& a, const v1::ProtectionProduct& b) {
              return a.product() < b.product();
            });
  Facts facts;
  for (v1::ProtectionProduct& product : products)
    *facts.add_products() = std::move(product);
  for (const std::string& problem : problems) {
    if (facts.problems_size() < kMostProblems) facts.add_problems(product_text(problem));
  }
  return probe::observed(facts);
}

template v1::Section look_at_products<v1::AntivirusFacts>(const std::string&,
                                                          std::span<const ProductRow>,
                                                          const probe::HostAnswers&, TimePoint);
template v1::Section look_at_products<v1::IntrusionDetectionFacts>(const std::string&,
                                                                   std::span<const ProductRow>,
                                                                   const probe::HostAnswers&,
                                                                   TimePoint);

}  // namespace muster::protection
