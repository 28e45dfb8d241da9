struct device {
  int status;
  int serial;
  int @{neighbour};
  int model;
  long bytes;
};
