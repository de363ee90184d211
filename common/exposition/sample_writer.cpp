#include "common/exposition/sample_writer.h"

namespace muster::exposition {
namespace {

constexpr uint32_t kNone = 0xFFFFFFFF;
// Up to here, comparing with each costs less than a hash.
constexpr uint32_t kFew = 16;
// What a host usually has.
constexpr size_t kUsualText = 4096;
constexpr size_t kUsualSamples = 64;

}  // namespace

SampleWriter::SampleWriter(const FamilySet& families, std::string_view name, size_t budget)
    : families_(families), name_label_(render_label(families.label, name)), budget_(budget) {
  text_.reserve(kUsualText);
  samples_.reserve(kUsualSamples);
  last_.fill(kNone);
}

void SampleWriter::add_labelled(size_t family, LabelSpan labels, double value) {
  if (samples_.size() >= budget_ && family >= families_.always_written) {
    ++cut_;
    return;
  }
  const size_t begin = text_.size();
  append_sample_with_prefix(text_, families_.families[family], name_label_, labels, value);
  // The value comes behind the last space: it is a number, so it has none.
  const size_t series_end = text_.rfind(' ');
  if (is_known(family, std::string_view(text_).substr(begin, series_end - begin))) {
    text_.resize(begin);
    return;
  }
  samples_.push_back({.begin = static_cast<uint32_t>(begin),
                      .series_end = static_cast<uint32_t>(series_end),
                      .end = static_cast<uint32_t>(text_.size()),
                      .previous = last_[family],
                      .family = static_cast<uint32_t>(family)});
  last_[family] = static_cast<uint32_t>(samples_.size() - 1);
  ++counts_[family];
}

bool SampleWriter::is_known(size_t family, std::string_view series) {
  if (counts_[family] < kFew) {
    for (uint32_t index = last_[family]; index != kNone; index = samples_[index].previous) {
      if (series_of(samples_[index]) == series) return true;
    }
    return false;
  }
  if (counts_[family] == kFew) {
    for (uint32_t index = last_[family]; index != kNone; index = samples_[index].previous)
      seen_.emplace(series_of(samples_[index]));
  }
  return !seen_.emplace(series).second;
}

RenderedHost SampleWriter::take() {
  RenderedHost::Ends ends{};
  for (const Sample& sample : samples_)
    ends[sample.family] += sample.end - sample.begin;
  RenderedHost::Ends next{};
  uint32_t end = 0;
  for (size_t family = 0; family < ends.size(); ++family) {
    next[family] = end;
    end += ends[family];
    ends[family] = end;
  }
  std::string text(end, '\0');
  for (const Sample& sample : samples_) {
    text_.copy(&text[next[sample.family]], sample.end - sample.begin, sample.begin);
    next[sample.family] += sample.end - sample.begin;
  }
  return RenderedHost(std::move(text), ends, cut_);
}

}  // namespace muster::exposition
