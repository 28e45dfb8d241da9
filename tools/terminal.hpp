// What a stream's reader can take.
#pragma once

namespace trapline::tools {

// Whether the descriptor is a terminal whose user has nothing against colours: NO_COLOR (no-color.org),
// TERM=dumb.
bool takes_colours(int fd);

}  // namespace trapline::tools
