// The compiled parts of Boost.JSON and Boost.URL: with them the headers are enough, and no library
// more is installed. A file of its own, so that a program that has them from elsewhere has them
// once, and clang-tidy does not judge Boost's code as part of ours.
#include <boost/json/src.hpp>
#include <boost/url/src.hpp>
