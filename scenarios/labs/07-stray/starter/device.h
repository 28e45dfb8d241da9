// What the driver knows of its device.
struct device {
  int status;
  int @{neighbour};
  int serial;
  int model;
  long bytes;
};
