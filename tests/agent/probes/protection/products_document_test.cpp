// docs/products.md is the operators' list of products: it has the rows of the probes' lists, the
// paths by which their readers take them for installed, and every command that is started.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/answers/question_list.h"
#include "agent/probes/antivirus/product_list.h"
#include "agent/probes/intrusion_detection/product_list.h"
#include "agent/probes/protection/text_lines.h"
#include "tests/agent/probes/protection/product_world.h"

namespace muster::protection::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

// One row of a table: what stands between its bars.
using Cells = std::vector<std::string>;

std::string read_document() {
  std::ifstream file(MUSTER_SOURCE_DIRECTORY "/docs/products.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

// The rows below a heading, in their order: those of products begin with a word in backticks.
std::vector<Cells> rows_below(std::string_view heading) {
  const std::string document = read_document();
  const size_t at = document.find(fmt::format("\n## {}\n", heading));
  EXPECT_NE(at, std::string::npos) << heading;
  if (at == std::string::npos) return {};
  std::string_view rest = std::string_view(document).substr(at + 5);
  rest = rest.substr(0, rest.find("\n## "));
  std::vector<Cells> rows;
  while (!rest.empty()) {
    std::string_view line = take_line(rest);
    if (!line.starts_with("| `")) continue;
    line.remove_prefix(1);
    Cells cells;
    while (!line.empty())
      cells.emplace_back(trim(take_until(line, '|')));
    rows.push_back(std::move(cells));
  }
  return rows;
}

std::vector<std::string> in_backticks(std::string_view cell) {
  std::vector<std::string> words;
  while (!cell.empty()) {
    take_until(cell, '`');
    if (!cell.empty()) words.emplace_back(take_until(cell, '`'));
  }
  return words;
}

// "clamav-version" is asked for clamav.
bool has_command(std::string_view product) {
  const auto questions = answers::all_questions();
  return std::any_of(questions.begin(), questions.end(), [product](const auto& question) {
    return question.kind == answers::Kind::kCommand && question.name.starts_with(product);
  });
}

void expect_rows(std::string_view heading, std::span<const ProductRow> products) {
  const std::vector<Cells> rows = rows_below(heading);
  ASSERT_THAT(rows, SizeIs(products.size())) << heading;
  for (size_t i = 0; i < rows.size(); ++i) {
    const ProductRow& product = products[i];
    const Cells& cells = rows[i];
    ASSERT_THAT(cells, SizeIs(5)) << product.product;
    EXPECT_EQ(cells[0], fmt::format("`{}` {}", product.product, product.name));
    EXPECT_THAT(cells[4], AnyOf(StartsWith("real product: "), StartsWith("recording: "),
                                StartsWith("documentation: ")))
        << product.product;
    EXPECT_EQ(cells[3].find("root: commands") != std::string::npos, has_command(product.product))
        << product.product;
    EXPECT_EQ(cells[3].find("processes") != std::string::npos,
              cells[2].find("processes") != std::string::npos)
        << product.product;
    EXPECT_FALSE(ProductWorld().read(product.read)) << product.product << " is nowhere";
    const std::vector<std::string> paths = in_backticks(cells[1]);
    EXPECT_FALSE(paths.empty()) << product.product;
    for (const std::string& path : paths) {
      ProductWorld world;
      world.root().write(path, "");
      EXPECT_TRUE(world.read(product.read)) << product.product << " is not installed by " << path;
    }
  }
}

TEST(ProductsDocument, HasTheProductsOfBothProbes) {
  expect_rows("Antivirus", antivirus::all_products());
  expect_rows("Intrusion detection", intrusion_detection::all_products());
}

TEST(ProductsDocument, HasEveryCommandThatIsStarted) {
  const std::string document = read_document();
  for (const answers::Question& question : answers::all_questions()) {
    if (question.kind != answers::Kind::kCommand) continue;
    const std::string_view path = question.paths[0];
    std::string command(path.substr(path.rfind('/') + 1));
    for (const char* const argument : question.arguments)
      if (argument != nullptr) command += fmt::format(" {}", argument);
    EXPECT_THAT(document, HasSubstr(fmt::format("`{}`", command))) << question.name;
  }
}

}  // namespace
}  // namespace muster::protection::test
