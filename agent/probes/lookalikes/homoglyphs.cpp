#include "agent/probes/lookalikes/homoglyphs.h"

#include <algorithm>
#include <array>

namespace muster::lookalikes {
namespace {

constexpr std::array<Homoglyph, 29> kAscii{{
    {U"rn", U"m"}, {U"m", U"rn"}, {U"vv", U"w"}, {U"w", U"vv"}, {U"cl", U"d"}, {U"d", U"cl"},
    {U"o", U"0"},  {U"0", U"o"},  {U"l", U"1"},  {U"1", U"l"},  {U"i", U"1"},  {U"1", U"i"},
    {U"i", U"l"},  {U"l", U"i"},  {U"s", U"5"},  {U"5", U"s"},  {U"e", U"3"},  {U"3", U"e"},
    {U"a", U"4"},  {U"4", U"a"},  {U"b", U"8"},  {U"8", U"b"},  {U"g", U"9"},  {U"9", U"g"},
    {U"z", U"2"},  {U"2", U"z"},  {U"u", U"v"},  {U"v", U"u"},  {U"nn", U"m"},
}};

// By the letter: those of other alphabets first, then those with a mark.
struct Foreign {
  char32_t letter;
  std::u32string_view others;
};
constexpr std::array<Foreign, 26> kForeign{{
    {U'a', U"аαɑáàâäãåạ"}, {U'b', U"ьḅ"},    {U'c', U"сçćčċ"},       {U'd', U"ԁđḍ"},
    {U'e', U"еҽéèêëēėęẹ"}, {U'f', U"ƒḟ"},    {U'g', U"ɡġğǵ"},        {U'h', U"һḥħ"},
    {U'i', U"іıíìîïįɩ"},   {U'j', U"ј"},     {U'k', U"кκķ"},         {U'l', U"ӏłḷĺľ"},
    {U'm', U"мṃ"},         {U'n', U"ոñńňṇ"}, {U'o', U"оοօóòôöõøọơ"}, {U'p', U"рρṗ"},
    {U'q', U"ԛ"},          {U'r', U"гŕřṛ"},  {U's', U"ѕśšşṣș"},      {U't', U"тťțṭ"},
    {U'u', U"սυúùûüũūụư"}, {U'v', U"ѵνṿ"},   {U'w', U"ԝŵẁẃẅ"},       {U'x', U"хẋ"},
    {U'y', U"уýÿŷỵ"},      {U'z', U"żźžẓ"},
}};

struct Twin {
  char32_t letter;
  char32_t cyrillic;
};
constexpr std::array<Twin, 15> kTwins{{
    {U'a', U'а'},
    {U'c', U'с'},
    {U'd', U'ԁ'},
    {U'e', U'е'},
    {U'h', U'һ'},
    {U'i', U'і'},
    {U'j', U'ј'},
    {U'l', U'ӏ'},
    {U'o', U'о'},
    {U'p', U'р'},
    {U'q', U'ԛ'},
    {U's', U'ѕ'},
    {U'w', U'ԝ'},
    {U'x', U'х'},
    {U'y', U'у'},
}};

}  // namespace

std::span<const Homoglyph> ascii_homoglyphs() {
  return kAscii;
}

std::u32string_view foreign_homoglyphs(char32_t letter) {
  const auto* const found = std::find_if(kForeign.begin(), kForeign.end(),
                                         [&](const Foreign& row) { return row.letter == letter; });
  return found == kForeign.end() ? std::u32string_view() : found->others;
}

std::optional<char32_t> cyrillic_twin(char32_t letter) {
  const auto* const found = std::find_if(kTwins.begin(), kTwins.end(),
                                         [&](const Twin& row) { return row.letter == letter; });
  return found == kTwins.end() ? std::nullopt : std::optional(found->cyrillic);
}

}  // namespace muster::lookalikes
