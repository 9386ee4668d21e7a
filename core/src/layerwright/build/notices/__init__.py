"""What a build notices about an application and its surroundings, and warns about."""
