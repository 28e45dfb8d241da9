// Probes of many functions (kernel/trace/fprobe.c), each of them a kretprobe, or a kprobe where the end is
// not wanted.
#include <linux/errno.h>
#include <linux/fprobe.h>
#include <linux/glob.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/slab.h>

struct fprobe_site {
  struct fprobe_site* next;
  struct fprobe* fp;
  bool ends;
  struct kretprobe rp; /* where its end is not wanted, only the kprobe in it */
};
struct fprobe_sites {
  struct fprobe_site* first;
};

static int site_entered(struct kretprobe_instance* ri, struct pt_regs* regs) {
  struct fprobe_site* site = container_of(get_kretprobe(ri), struct fprobe_site, rp);
  struct fprobe* fp = site->fp;

  if (fprobe_disabled(fp)) return 1;
  if (fp->entry_handler) fp->entry_handler(fp, (unsigned long)site->rp.kp.addr, regs, ri->data);
  return 0;
}
static int site_left(struct kretprobe_instance* ri, struct pt_regs* regs) {
  struct fprobe_site* site = container_of(get_kretprobe(ri), struct fprobe_site, rp);

  if (!fprobe_disabled(site->fp))
    site->fp->exit_handler(site->fp, (unsigned long)site->rp.kp.addr, regs, ri->data);
  return 0;
}
static int site_hit(struct kprobe* kp, struct pt_regs* regs) {
  struct fprobe_site* site = container_of(kp, struct fprobe_site, rp.kp);

  if (!fprobe_disabled(site->fp)) site->fp->entry_handler(site->fp, (unsigned long)kp->addr, regs, NULL);
  return 0;
}

static int add_site(struct fprobe* fp, const char* name, unsigned long address) {
  struct fprobe_site* site = kzalloc(sizeof(*site), GFP_KERNEL);
  int err;

  if (!site) return -ENOMEM;
  site->fp = fp;
  site->ends = fp->exit_handler != NULL;
  site->rp.kp.symbol_name = name;
  site->rp.kp.addr = (kprobe_opcode_t*)address;
  if (site->ends) {
    site->rp.entry_handler = site_entered;
    site->rp.handler = site_left;
    site->rp.maxactive = fp->nr_maxactive;
    site->rp.data_size = fp->entry_data_size;
    err = register_kretprobe(&site->rp);
  } else {
    site->rp.kp.pre_handler = site_hit;
    err = register_kprobe(&site->rp.kp);
  }
  if (err) {
    kfree(site);
    return err;
  }
  site->next = fp->rethook->first;
  fp->rethook->first = site;
  return 0;
}

static int begin(struct fprobe* fp) {
  if (!fp || (!fp->entry_handler && !fp->exit_handler)) return -EINVAL;
  if (fp->rethook) return -EBUSY;
  fp->rethook = kzalloc(sizeof(*fp->rethook), GFP_KERNEL);
  return fp->rethook ? 0 : -ENOMEM;
}
static int all_or_none(struct fprobe* fp, int err) {
  if (err && fp->rethook) unregister_fprobe(fp);
  return err;
}

int register_fprobe_ips(struct fprobe* fp, unsigned long* addresses, int n) {
  int err = addresses && n > 0 ? begin(fp) : -EINVAL;

  if (err) return err;
  for (int i = 0; i < n && !err; i++) err = add_site(fp, NULL, addresses[i]);
  return all_or_none(fp, err);
}

int register_fprobe_syms(struct fprobe* fp, const char** names, int n) {
  int err = names && n > 0 ? begin(fp) : -EINVAL;

  if (err) return err;
  for (int i = 0; i < n && !err; i++) err = add_site(fp, names[i], 0);
  return all_or_none(fp, err);
}

struct pattern {
  struct fprobe* fp;
  const char *filter, *notfilter;
};
static int add_matching(void* data, const char* name, struct module* mod, unsigned long address) {
  struct pattern* pattern = data;

  // What is no function cannot be probed, and is passed over.
  if (glob_match(pattern->filter, name) && !(pattern->notfilter && glob_match(pattern->notfilter, name)))
    (void)add_site(pattern->fp, NULL, address);
  return 0;
}

int register_fprobe(struct fprobe* fp, const char* filter, const char* notfilter) {
  struct pattern pattern = {fp, filter, notfilter};
  int err = filter ? begin(fp) : -EINVAL;

  if (err) return err;
  kallsyms_on_each_symbol(add_matching, &pattern);
  return all_or_none(fp, fp->rethook->first ? 0 : -EINVAL);
}

int unregister_fprobe(struct fprobe* fp) {
  if (!fp || !fp->rethook) return -EINVAL;
  while (fp->rethook->first) {
    struct fprobe_site* site = fp->rethook->first;

    fp->rethook->first = site->next;
    if (site->ends)
      unregister_kretprobe(&site->rp);
    else
      unregister_kprobe(&site->rp.kp);
    fp->nmissed += site->rp.kp.nmissed + (unsigned long)site->rp.nmissed;
    kfree(site);
  }
  kfree(fp->rethook);
  fp->rethook = NULL;
  return 0;
}
