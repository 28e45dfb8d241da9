struct device {
  int @{neighbour};
  int status;
  int serial;
  int model;
  long bytes;
};
