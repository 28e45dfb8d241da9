const char *greeting(void) { return "the preloaded one"; }
