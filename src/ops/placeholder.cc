#include "ops/inventory.h"
