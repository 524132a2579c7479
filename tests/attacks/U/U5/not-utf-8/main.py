print('ÿών €')
