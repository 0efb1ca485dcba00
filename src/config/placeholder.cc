#include "config/document.h"
#include "config/settings.h"
