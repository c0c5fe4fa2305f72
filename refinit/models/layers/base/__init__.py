"""What layers are made of: parameters that note their fills, modules that nest, and the recipe that both become."""
