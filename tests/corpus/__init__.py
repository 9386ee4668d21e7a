"""Small applications of every kind that there is in public: what a build decides about each, and that they serve."""
