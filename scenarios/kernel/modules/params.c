// Every kind of module parameter, printed when the module is loaded and when it goes.
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/module.h>
#include <linux/moduleparam.h>

static unsigned char a_byte = 1;
static short a_short = -2;
static unsigned short a_ushort = 2;
static int an_int = -3;
static unsigned int a_uint = 3;
static unsigned int a_hexint = 0x30;
static long a_long = -4;
static unsigned long a_ulong = 4;
static unsigned long long a_ullong = 5;
static bool a_bool;
static bool inverted = true;
static char* a_charp = "text";
static char a_string[16] = "buffer";
static int numbers[4] = {1, 2};
static unsigned int number_count = 2;
static char* names[3];
static int hidden_name = 6;
static int percent = 50;

module_param(a_byte, byte, 0644);
module_param(a_short, short, 0644);
module_param(a_ushort, ushort, 0644);
module_param(an_int, int, 0644);
MODULE_PARM_DESC(an_int, "A number");
module_param(a_uint, uint, 0644);
module_param(a_hexint, hexint, 0644);
module_param(a_long, long, 0644);
module_param(a_ulong, ulong, 0644);
module_param(a_ullong, ullong, 0444);
module_param(a_bool, bool, 0644);
module_param(inverted, invbool, 0644);
module_param(a_charp, charp, 0444);
module_param_string(a_string, a_string, sizeof(a_string), 0644);
module_param_array(numbers, int, &number_count, 0644);
module_param_array(names, charp, NULL, 0444);
module_param_named(shown_name, hidden_name, int, 0);

/* A parameter with a setter of its own. */
static int set_percent(const char* val, const struct kernel_param* kp) {
  int n, err = kstrtoint(val, 0, &n);

  if (err) return err;
  if (n < 0 || n > 100) return -EINVAL;
  return param_set_int(val, kp);
}
static const struct kernel_param_ops percent_ops = {.set = set_percent, .get = param_get_int};
module_param_cb(percent, &percent_ops, &percent, 0644);
MODULE_PARM_DESC(percent, "0 to 100");

static void print_all(void) {
  pr_info("byte %u short %d ushort %u int %d uint %u hexint %#x\n", a_byte, a_short, a_ushort, an_int, a_uint,
          a_hexint);
  pr_info("long %ld ulong %lu ullong %llu bool %d invbool %d\n", a_long, a_ulong, a_ullong, a_bool, inverted);
  pr_info("charp \"%s\" string \"%s\" named %d percent %d\n", a_charp, a_string, hidden_name, percent);
  for (unsigned int i = 0; i < number_count; i++) pr_info("numbers[%u] = %d\n", i, numbers[i]);
  for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
    if (names[i]) pr_info("names[%u] = %s\n", i, names[i]);
}

static int __init params_init(void) {
  print_all();
  return 0;
}
static void __exit params_exit(void) { print_all(); }

module_init(params_init);
module_exit(params_exit);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("Trapline");
MODULE_DESCRIPTION("Parameters of every kind");
MODULE_VERSION("1.0");
MODULE_ALIAS("parameters");
