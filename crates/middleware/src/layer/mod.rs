//! One file a layer, in the order of the stack.
