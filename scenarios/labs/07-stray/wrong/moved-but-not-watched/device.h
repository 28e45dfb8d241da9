struct device {
  int @{neighbour};
  int model;
  int serial;
  int status;
  long bytes;
};
