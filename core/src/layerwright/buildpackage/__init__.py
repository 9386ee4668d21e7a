"""Makes a self-contained buildpack: an interpreter, core and plugins with all they need, and two short scripts."""
