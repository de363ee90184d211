// libdnf's headers name these two types of librepo and nothing else of it. librepo's own headers
// cannot be installed on Debian beside those of prometheus-cpp: each wants another libcurl's.
#pragma once

typedef struct _LrHandle LrHandle;
typedef struct _LrResult LrResult;
