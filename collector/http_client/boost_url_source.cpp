// The compiled part of Boost.URL: with it the headers are enough, and one library less is
// installed. A file of its own, so that clang-tidy does not judge Boost's code as part of ours.
#include <boost/url/src.hpp>
