#include "plan/plan.h"
#include "plan/requests.h"
